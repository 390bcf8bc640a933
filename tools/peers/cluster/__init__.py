"""A real one-node Kubernetes for the tests, built from Go modules and Debian packages.

    programs, toolchain   what it is built from, once for every clone of the tree on a machine
    api_server, pki       etcd and an API server alone: about 3 s, loopback only, no root
    machine               namespaces in which nothing that is done can be seen or left outside
    node, images          containerd and the kubelet in such a machine, and what its pods run
    cluster               all of it together

Only the Python standard library is used. By hand: tools/cluster.
"""
