## runtime/daemon
