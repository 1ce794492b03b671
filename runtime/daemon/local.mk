## runtime/daemon: gcxvm, gcxctl
EXTRA_DIST += runtime/daemon/admin.h
