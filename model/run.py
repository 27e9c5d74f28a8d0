#!/usr/bin/env python3
"""python3 run.py [seconds per configuration]   -- every configuration, then every seeded or suspected bug"""
import sys, time
from multiprocessing import Pool
import check
X = lambda *l: (l, 'X')
Sh = lambda *l: (l, 'S')
Pm = lambda w, n: ((0,), 'P%d%d' % (w, n))   # w of n permits
Xk = lambda *l: (l, 'X', 1)   # to keep its key for a minimum time
Sk = lambda *l: (l, 'S', 1)
C = {
 '2p: 2+1 threads, 1 line, 1 fault':  dict(procs=[[X(0), X(0)], [X(0)]], faults=1),
 '2p: 1+1 threads, 1 line, 2 faults': dict(procs=[[X(0)], [X(0)]], faults=2),
 '2p: 1+1 threads, 1 line, 3 faults (timeout dup giveup)': dict(procs=[[X(0)], [X(0)]], faults=3, kinds='timeout dup giveup'.split()),
 '1p: 2 threads, 1 line, 3 faults':   dict(procs=[[X(0), X(0)]], faults=3),
 '3p: 1 thread each, 1 line, 1 fault': dict(procs=[[X(0)], [X(0)], [X(0)]], faults=1),
 '2p: {a}{ab} + {ab}, 2 lines':       dict(procs=[[X(0), X(0, 1)], [X(0, 1)]], faults=0),
 '2p: {ab} + {ab}, 2 lines, 1 fault': dict(procs=[[X(0, 1)], [X(0, 1)]], faults=1),
 '2p: shared+excl / shared, 1 fault (timeout drop)': dict(procs=[[Sh(0), X(0)], [Sh(0)]], faults=1, kinds='timeout drop'.split()),
 '2p: 2 readers / excl, 1 fault (timeout drop)': dict(procs=[[Sh(0), Sh(0)], [X(0)]], faults=1, kinds='timeout drop'.split()),
 '2p: 1+1 threads, 1 line, 2 faults, same name again': dict(procs=[[X(0)], [X(0)]], faults=2, flags=dict(fresh=0)),
 '2p: {ab} + {ab}, 1 fault, same name again': dict(procs=[[X(0, 1)], [X(0, 1)]], faults=1, flags=dict(fresh=0)),
 '2p: kept + 1 / 1, 1 line, 1 fault': dict(procs=[[Xk(0), X(0)], [X(0)]], faults=1),
 '2p: kept / kept, 1 line, 2 faults': dict(procs=[[Xk(0)], [Xk(0)]], faults=2),
 '2p: kept {ab} / {b}, 1 fault': dict(procs=[[Xk(0, 1)], [X(1)]], faults=1),
 '2p: kept reader + reader / excl, 1 fault (lapse dup)': dict(procs=[[Sk(0), Sh(0)], [X(0)]], faults=1, kinds=['lapse', 'dup']),
 '3p: 1 of 2 permits each, 1 fault': dict(procs=[[Pm(1, 2)], [Pm(1, 2)], [Pm(1, 2)]], faults=1),
 '2p: 1+2 / 1 of 2 permits, 1 fault': dict(procs=[[Pm(1, 2), Pm(2, 2)], [Pm(1, 2)]], faults=1),
 '2p: 1 of 2 and 1 of 3 permits, 1 fault (timeout drop)': dict(procs=[[Pm(1, 3), Pm(1, 3)], [Pm(1, 2)]], faults=1, kinds='timeout drop'.split()),
 '3p: 1 thread each, 1 long line': dict(procs=[[X(0)], [X(0)], [X(0)]], faults=0, long=1),
 '3p: 1 thread each, 1 long line, 1 fault': dict(procs=[[X(0)], [X(0)], [X(0)]], faults=1, long=1),
 '4p: 1 thread each, 1 long line, 1 fault (bounded)': dict(procs=[[X(0)]] * 4, faults=1, long=1, kinds='watch giveup lapse'.split()),
 '3p: reader, {ab}, {ab}, 1 long line, 1 fault (watch lapse)': dict(procs=[[Sh(0)], [X(0, 1)], [X(0, 1)]], faults=1, long=1, kinds=['watch', 'lapse']),
 '2p: 2+2 threads, 1 line (bounded)': dict(procs=[[X(0), X(0)], [X(0), X(0)]], faults=1),
 '2p: {a}{ab} + {ab}, 1 fault (bounded)': dict(procs=[[X(0), X(0, 1)], [X(0, 1)]], faults=1),
}
W = {
 'walk 3p x 2 threads, 2 lines, 3 faults': dict(procs=[[X(0), X(0, 1)], [X(0, 1), X(1)], [X(1), X(0)]], faults=3),
 'walk 3p x 2 threads, permits of 3, 3 faults': dict(procs=[[Pm(1, 3), Pm(2, 3)], [Pm(3, 3), Pm(1, 3)], [Pm(2, 3), Pm(1, 3)]], faults=3),
 'walk 3p x 2 threads, shared/excl, 2 lines, 3 faults': dict(procs=[[Sh(0), X(0, 1)], [X(0), Sh(0, 1)], [Sh(1), X(1)]], faults=3),
}
B = {
 'SEEDED minimum time on the lease of the session': (dict(procs=[[Xk(0)], [X(0)]], faults=1, kinds=['lapse']), dict(ownlease=0)),
 'SEEDED minimum time by an unguarded put (lease id as key name)': (dict(procs=[[Xk(0), X(0)], [X(0)]], faults=2, kinds=['dup', 'opdel']), dict(mguard=0, reuse=1, turns=0)),
 'SEEDED minimum time by an unguarded put (unique names)': (dict(procs=[[Xk(0)], [X(0)]], faults=1, kinds=['dup', 'opdel']), dict(mguard=0)),
 'SEEDED unguarded delete (lease id as key name)': (dict(procs=[[X(0), X(0)], [X(0)]], faults=1, kinds=['dup']), dict(guard=0, reuse=1, turns=0)),
 'SEEDED unguarded hand-over (same name again)': (dict(procs=[[X(0), X(0)]], faults=1, kinds=['timeout']), dict(guard=0, turns=0, fresh=0)),
 'SEEDED fresh name, and the old one not ended': (dict(procs=[[X(0)], [X(0)]], faults=1, kinds=['timeout']), dict(endold=0)),
 'SEEDED fresh name, and the old one ended without tombstone': (dict(procs=[[X(0)], [X(0)]], faults=1, kinds=['timeout']), dict(tomb=0)),
 'SEEDED shared key deleted by the first local reader who leaves': (dict(procs=[[Sh(0), Sh(0)], [X(0)]], faults=0), dict(last=0)),
 'SEEDED permits counted as keys, not by their weight': (dict(procs=[[Pm(2, 2)], [Pm(1, 2)]], faults=0), dict(weigh=0)),
 'SEEDED permits: own number, not the smallest ahead': (dict(procs=[[Pm(1, 3), Pm(1, 3)], [Pm(1, 2)]], faults=0), dict(least=0)),
 'SEEDED a watch is believed that began after the read': (dict(procs=[[Pm(1, 3), Pm(2, 3)], [Pm(3, 3), Pm(1, 3)]], faults=1, kinds=['drop']), dict(gap=0)),
 'SEEDED far behind: only the key that is watched counts': (dict(procs=[[X(0)], [X(0)], [X(0)]], faults=1, kinds=['giveup'], long=1), dict(stand=0)),
 'SEEDED far behind: the end of the watched key changes nothing': (dict(procs=[[X(0)], [X(0)], [X(0)]], faults=0, long=1), dict(again=0)),
 'SEEDED a name is used again though a take of it had no answer': (dict(procs=[[X(0), X(0)], [X(0)]], faults=1, kinds=['timeout']), dict(spent=0)),
 'SEEDED no tombstone': (dict(procs=[[X(0)], [X(0)]], faults=1, kinds=['timeout']), dict(tomb=0, fresh=0)),
 'tombstone only for takes given up unresolved (FACTS text)': (dict(procs=[[X(0)], [X(0)]], faults=1, kinds=['timeout']), dict(tomb='unres', fresh=0)),
 'tombstone with a guarded delete instead of delete by name': (dict(procs=[[X(0)], [X(0)]], faults=2, kinds=['timeout', 'opdel']), dict(byname=0, fresh=0)),
 'hand-over of several keys under one guard, nothing after it fails': (dict(procs=[[X(0, 1), X(0)]], faults=1, kinds=['opdel']), dict(perkey=0)),
 'verify read does not look at our own key': (dict(procs=[[X(0)], [X(0)]], faults=1, kinds=['drop', 'opdel']), dict(own=0)),
 'events of one revision applied one by one': (dict(procs=[[X(0)], [X(0)]], faults=1, kinds=['opdel']), dict(atomic=0)),
 'events that overtake an answer are not kept': (dict(procs=[[X(0), X(0)], [X(0)]], faults=0), dict(log=0)),
 'used guard, then pass without a write': (dict(procs=[[X(0), X(0)]], faults=0), dict(export=0)),
 'pass of {a} to a request for {a,b}': (dict(procs=[[X(0), X(0, 1)], [X(0, 1)]], faults=0), dict(eqset=0)),
 'release keeps the key for a next waiter not ready': (dict(procs=[[X(0), X(0, 1), X(1)], [X(0, 1)]], faults=0), dict(hold_for=1, turns=0)),
 'pass of a shared key to an exclusive request': (dict(procs=[[Sh(0), X(0)], [Sh(0)]], faults=0), dict(eqmode=0)),
 'passes reach K (token overflow, K=1)': (dict(procs=[[X(0), X(0)], [X(0)]], faults=0), dict(K=1, export=0)),
}
def job(a):
    kind, name, cfg, F, secs = a; t = time.time()
    r = check.walk(cfg, F, secs, cfg.get('seed', 7)) if kind == 'walk' else check.explore(cfg, F, 6_000_000, secs if kind == 'ok' else secs / 4)
    if kind == 'bug' and not r[3]: r = check.walk(cfg, F, secs, 7)
    return kind, name, r, time.time() - t
W.update({n + ', seed %d' % k: dict(c, seed=k) for n, c in list(W.items()) for k in (8, 9)})
if __name__ == '__main__':
    secs = float(sys.argv[1]) if len(sys.argv) > 1 else 100
    jobs = [('bug', n, c, f, secs) for n, (c, f) in B.items()] + [('ok', n, c, c.get('flags', {}), secs) for n, c in C.items()] + [('walk', n, c, {}, secs) for n, c in W.items()]
    with Pool(2) as pool:
        for kind, name, (n, tr, full, bad, x), dt in pool.imap(job, jobs):
            print('%-5s %-62s %s %8d, transitions %8d, %s, %.0f s -> %s' % (kind, name, 'walks' if kind == 'walk' else 'states', n, tr,
                  'exhaustive' if full else 'partial', dt, bad or 'no violation'), flush=True)
            if bad: print('        ' + '\n        '.join(x), flush=True)
