/** Which process is which instance: etcd knows processes only. */
const names = new Map();

export const owners = {
  learn(instances) {
    for (const instance of instances) {
      names.set(instance.pid, instance.name);
    }
  },
  nameOf: (pid) => names.get(pid),
};
