package io.github.etcdlock.benchmarks;

/** One number about crowds and lines, which only this library is measured at in full. */
record Figure(String work, String what, double value, String unit) {

}
