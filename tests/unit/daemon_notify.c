/* tests/unit/daemon_notify.c - The service manager hears what is said, where there is one, and nobody waits for it. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/daemon/base/notify.h"

/* A socket of that name; a leading @ stands for the abstract namespace, as in $NOTIFY_SOCKET. */
static int listen_at(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(at.sun_path, name, strlen(name));
    if (name[0] == '@') at.sun_path[0] = '\0';
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                 0);
    return fd;
}

static void heard(int fd, const char *expected)
{
    char text[1024] = "";
    cr_expect_geq(recv(fd, text, sizeof text - 1, 0), 0);
    cr_expect_str_eq(text, expected);
}

Test(daemon_notify, what_is_said_is_heard_also_in_the_abstract_namespace, .timeout = 10)
{
    char folder[] = "/tmp/gcx-notify-XXXXXX", path[64], name[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(name, sizeof name, "@gcx-notify-%ld", (long)getpid());
    const char *places[] = {path, name};
    for (unsigned i = 0; i < 2; i++) {
        int fd = listen_at(places[i]);
        setenv("NOTIFY_SOCKET", places[i], 1);
        struct notify_socket *notify = notify_open();
        cr_expect_null(getenv("NOTIFY_SOCKET"), "adapters would inherit it");
        notify_say(notify, "READY=1\nSTATUS=%d calls", 7);
        heard(fd, "READY=1\nSTATUS=7 calls");
        notify_free(notify);
        close(fd);
    }
    unlink(path);
    rmdir(folder);
}

Test(daemon_notify, the_watchdog_is_for_the_process_that_was_started, .timeout = 10)
{
    char name[64], pid[32];
    snprintf(name, sizeof name, "@gcx-watchdog-%ld", (long)getpid());
    int fd = listen_at(name);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    const char *pids[] = {pid, "1", NULL};
    const uint64_t periods[] = {30000000, 0, 30000000};
    for (unsigned i = 0; i < 3; i++) {
        setenv("NOTIFY_SOCKET", name, 1);
        setenv("WATCHDOG_USEC", "30000000", 1);
        if (pids[i]) setenv("WATCHDOG_PID", pids[i], 1);
        struct notify_socket *notify = notify_open();
        cr_expect_eq(notify_watchdog_us(notify), periods[i]);
        cr_expect_null(getenv("WATCHDOG_USEC"));
        notify_free(notify);
    }
    close(fd);
}

Test(daemon_notify, without_a_manager_or_with_one_that_does_not_listen_nothing_happens, .timeout = 10)
{
    const char *places[] = {NULL, "/nowhere/socket", "relative", ""};
    for (unsigned i = 0; i < 4; i++) {
        if (places[i]) setenv("NOTIFY_SOCKET", places[i], 1);
        struct notify_socket *notify = notify_open();
        notify_say(notify, "READY=1");
        notify_free(notify);
    }
}

Test(daemon_notify, nobody_waits_for_a_manager_that_does_not_read, .timeout = 10)
{
    char name[64];
    snprintf(name, sizeof name, "@gcx-silent-%ld", (long)getpid());
    int fd = listen_at(name);
    setenv("NOTIFY_SOCKET", name, 1);
    struct notify_socket *notify = notify_open();
    for (unsigned i = 0; i < 10000; i++) notify_say(notify, "WATCHDOG=1");
    notify_free(notify);
    close(fd);
}
