/* runtime/adapter/listener.c - Keeps one spare file descriptor for all listeners of the process.
 *
 *     accept() fails: no file is left          without this file: libevent tries again at once, for ever
 *       close the spare file
 *       accept() and close the connection      the peer learns at once that it was not taken
 *       open the spare file again
 *
 * Without the spare file a process that has used up its file descriptors would leave connections waiting in the
 * queue and use a whole processor. */
#include "runtime/adapter/listener.h"

#include <errno.h>
#include <event2/util.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* If a connection is not accepted although the spare descriptor was freed, because the machine has none left, each
 * turn of the loop waits REST_NS before it tries again: otherwise it would use a whole processor. */
enum { TELL_S = 60, REST_NS = 1000000 };

static int spare_file = -1;

static void spare_keep(void)
{
    if (spare_file < 0) spare_file = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Reports on standard error that no file descriptor is left: at most once a minute, as each connection leads here. */
static void listener_tell(int error)
{
    static time_t told_s;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (told_s != 0 && now.tv_sec - told_s < TELL_S) return;
    told_s = now.tv_sec;
    fputs(error == ENFILE
              ? "this machine has no more files, and new connections are closed: raise fs.file-max (sysctl)\n"
              : "this process may open no more files, and closes new connections: raise LimitNOFILE (ulimit -n)\n",
          stderr);
}

/* Handles a failed accept() that libevent reports: closes the waiting connection if no file descriptor is left.
 * Other errors concern one connection only. */
static void listener_on_full(struct evconnlistener *listener, void *self)
{
    int error = EVUTIL_SOCKET_ERROR();
    (void)self;
    if (error != EMFILE && error != ENFILE) return; /* the error concerns one connection; the next may succeed */
    if (spare_file >= 0) close(spare_file);
    spare_file = -1;
    int file = accept(evconnlistener_get_fd(listener), NULL, NULL);
    if (file >= 0)
        close(file);
    else
        nanosleep(&(struct timespec){.tv_nsec = REST_NS}, NULL);
    spare_keep();
    listener_tell(error);
}

static struct evconnlistener *listener_spares(struct evconnlistener *listener)
{
    if (!listener) return NULL;
    spare_keep();
    evconnlistener_set_error_cb(listener, listener_on_full);
    return listener;
}

struct evconnlistener *listener_new(struct event_base *base, evconnlistener_cb on_accept, void *self, int file)
{
    return listener_spares(
        evconnlistener_new(base, on_accept, self, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, file));
}

struct evconnlistener *listener_bind(struct event_base *base, evconnlistener_cb on_accept, void *self, int backlog,
                                     const struct sockaddr *address, int length)
{
    return listener_spares(evconnlistener_new_bind(base, on_accept, self,
                                                   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                                   backlog, address, length));
}
