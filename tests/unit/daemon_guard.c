/* tests/unit/daemon_guard.c - Locks tell who lives, and sockets who may come in. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/runner.h"
#include "runtime/daemon/links/guard.h"
#include "runtime/daemon/protocol/socket.h"

static char *const arguments[] = {(char[]){"gcxvm"}, (char[]){"--set"}, (char[]){"a=b"}, NULL};
static char *const others[] = {(char[]){"gcxvm"}, (char[]){"--set"}, (char[]){"a=c"}, NULL};

/* A process that takes the lock, and does what `how` says with each byte that it is sent. */
static pid_t guard_child(const char *path, void (*how)(char), int *to)
{
    char byte = 0;
    int down[2], up[2];
    cr_assert(pipe(down) == 0 && pipe(up) == 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        byte = guard_take(path, arguments, NULL) ? 'y' : 'n';
        while (write(up[1], &byte, 1) == 1 && read(down[0], &byte, 1) == 1) how(byte);
        _exit(0);
    }
    cr_assert_eq(read(up[0], &byte, 1), 1);
    cr_expect_eq(byte, 'y');
    *to = down[1];
    close(up[0]);
    return child;
}

static void guard_child_ends(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void nothing(char byte)
{
    (void)byte;
}

Test(daemon_guard, the_holder_of_a_lock_is_found_until_it_dies, .timeout = 10)
{
    char path[] = "/tmp/gcx-guard-XXXXXX";
    int fd = mkstemp(path), to;
    cr_assert_geq(fd, 0);
    close(fd);
    cr_expect_eq(guard_holder(path, arguments).pid, 0);
    pid_t child = guard_child(path, nothing, &to);
    struct guard_found found = guard_holder(path, arguments);
    cr_expect_eq(found.pid, child);
    cr_expect(found.same && found.renews && !found.stays);
    found = guard_holder(path, others);
    cr_expect_eq(found.pid, child);
    cr_expect_not(found.same);
    cr_expect_not(guard_take(path, arguments, NULL), "it is taken");
    guard_child_ends(child);
    cr_expect_eq(guard_holder(path, arguments).pid, 0);
    unlink(path);
}

static void stays_or_not(char byte)
{
    guard_stay(byte == 's');
}

static bool guard_says(const char *path, bool stays)
{
    for (unsigned i = 0; i < 500; i++, usleep(10000))
        if (guard_holder(path, arguments).stays == stays) return true;
    return false;
}

/* What it said long ago counts no more: it hangs, or the file is from a process before. */
Test(daemon_guard, a_process_that_stays_says_so_again_and_again, .timeout = 20)
{
    char path[] = "/tmp/gcx-guard-XXXXXX";
    int fd = mkstemp(path), to;
    struct timespec long_ago[2] = {{.tv_sec = time(NULL) - 60}, {.tv_sec = time(NULL) - 60}};
    cr_assert_geq(fd, 0);
    pid_t child = guard_child(path, stays_or_not, &to);
    cr_assert_eq(write(to, "s", 1), 1);
    cr_expect(guard_says(path, true));
    cr_assert_eq(futimens(fd, long_ago), 0);
    cr_expect_not(guard_holder(path, arguments).stays);
    cr_assert_eq(write(to, "s", 1), 1);
    cr_expect(guard_says(path, true));
    cr_assert_eq(write(to, "-", 1), 1);
    cr_expect(guard_says(path, false));
    guard_child_ends(child);
    cr_expect_not(guard_holder(path, arguments).stays);
    close(fd);
    unlink(path);
}

static char plugin_path[] = "/tmp/gcx-plugin-XXXXXX";
static char *const with_plugin[] = {(char[]){"gcxvm"}, (char[]){"--adapter"}, plugin_path, NULL};

/* After an upgrade the same path has another plugin. */
Test(daemon_guard, a_process_of_an_older_plugin_is_not_the_same, .timeout = 10)
{
    char path[] = "/tmp/gcx-guard-XXXXXX";
    int fd = mkstemp(path), plugin = mkstemp(plugin_path);
    cr_assert(fd >= 0 && plugin >= 0);
    pid_t child = fork();
    int status = -1;
    if (child == 0) _exit(guard_take(path, with_plugin, NULL) && guard_holder(path, with_plugin).same ? 0 : 1);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    cr_expect(guard_holder(path, with_plugin).same, "the mark of the process before is there");
    cr_assert_eq(write(plugin, "new", 3), 3);
    cr_expect_not(guard_holder(path, with_plugin).same);
    close(plugin);
    unlink(plugin_path);
    unlink(path);
}

/* The mark of an earlier version has nothing behind it, and its process knows SIGTERM alone. */
Test(daemon_guard, a_process_of_an_earlier_version_is_told_apart, .timeout = 10)
{
    char path[] = "/tmp/gcx-guard-XXXXXX", mark[65];
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    memset(mark, 'a', sizeof mark);
    cr_assert_eq(write(fd, mark, 64), 64);
    cr_expect_not(guard_holder(path, arguments).renews);
    cr_assert_eq(write(fd, "-", 1), 1);
    cr_expect(guard_holder(path, arguments).renews);
    close(fd);
    unlink(path);
}

static int guard_terms_to = -1;

static void guard_on_signal(int number)
{
    if (write(guard_terms_to, number == SIGTERM ? "t" : "a", 1) != 1) _exit(1);
}

/* A gcxvm lives, or none, as who holds its lock: this process, until it closes the file once. */
static void gcxvm_lives(const char *core, bool lives)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(core, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    if (lives)
        cr_assert_eq(fcntl(fd, F_SETLK, &whole), 0);
    else
        close(fd);
}

/* The gcxvm of a state folder that was put back looks for locks at their paths. A second SIGTERM would cut calls. */
Test(daemon_guard, an_adapter_whose_lock_is_not_at_its_path_is_told_once_where_a_gcxvm_lives, .timeout = 30)
{
    char folder[] = "/tmp/gcx-guard-XXXXXX", lock[64], core[64], moved[64], byte = 0;
    int ends[2];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(lock, sizeof lock, "%s/a.lock", folder);
    snprintf(core, sizeof core, "%s/lock", folder);
    snprintf(moved, sizeof moved, "%s/moved", folder);
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        guard_terms_to = ends[1];
        signal(SIGTERM, guard_on_signal);
        signal(ADAPTER_ALONE, guard_on_signal);
        if (guard_take(lock, arguments, NULL)) guard_watch(core, lock, 2);
        if (write(ends[1], &byte, 1) != 1) _exit(1);
        for (;;) pause();
    }
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    gcxvm_lives(core, true);
    struct pollfd more = {.fd = ends[0], .events = POLLIN};
    cr_assert_eq(poll(&more, 1, 1500), 0, "its lock is where it was");
    gcxvm_lives(core, false);
    cr_assert_eq(rename(lock, moved), 0);
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    cr_assert_eq(byte, 'a', "no gcxvm lives, so that nobody looks for the lock");
    gcxvm_lives(core, true);
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    cr_expect_eq(byte, 't');
    cr_expect_eq(poll(&more, 1, 1500), 0, "it is told twice");
    guard_child_ends(child);
    unlink(moved);
    unlink(core);
    rmdir(folder);
}

/* With conversations it is where the next gcxvm looks for it, once who has that lock for a moment has ended. */
Test(daemon_guard, an_adapter_with_conversations_follows_its_lock, .timeout = 30)
{
    char folder[] = "/tmp/gcx-guard-XXXXXX", lock[64], core[64], byte = 0;
    int ends[2], to;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(lock, sizeof lock, "%s/a.lock", folder);
    snprintf(core, sizeof core, "%s/lock", folder);
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        guard_terms_to = ends[1];
        signal(SIGTERM, guard_on_signal);
        signal(ADAPTER_ALONE, guard_on_signal);
        if (guard_take(lock, arguments, NULL)) guard_watch(core, lock, 3600);
        guard_hold(7, false);
        if (write(ends[1], &byte, 1) != 1) _exit(1);
        for (;;) pause();
    }
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    gcxvm_lives(core, true);
    cr_assert_eq(unlink(lock), 0);
    pid_t other = guard_child(lock, nothing, &to);
    struct pollfd more = {.fd = ends[0], .events = POLLIN};
    cr_expect_eq(poll(&more, 1, 2500), 0, "it is told while another may end");
    cr_expect_eq(guard_holder(lock, arguments).pid, other);
    guard_child_ends(other);
    while (guard_holder(lock, arguments).pid != child) usleep(20000);
    struct guard_found found = guard_holder(lock, arguments);
    cr_expect(found.same && found.renews && !found.ends);
    cr_expect_eq(found.held, 7);
    cr_expect_eq(poll(&more, 1, 1500), 0, "it is told, although it is found");
    guard_child_ends(child);
    unlink(lock);
    unlink(core);
    rmdir(folder);
}

/* The folder was replaced while the first one listened there. */
Test(daemon_guard, who_ends_leaves_the_socket_of_who_came_after, .timeout = 10)
{
    char folder[] = "/tmp/gcx-socket-XXXXXX", path[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/admin.sock", folder);
    int first = socket_listen(path, NULL);
    cr_assert(first >= 0 && unlink(path) == 0);
    int second = socket_listen(path, NULL);
    cr_assert_geq(second, 0);
    close(first);
    cr_expect_not(socket_leave(path));
    cr_expect_eq(access(path, F_OK), 0);
    close(second);
    cr_expect(socket_leave(path));
    cr_expect_neq(access(path, F_OK), 0);
    rmdir(folder);
}

Test(daemon_guard, a_socket_left_behind_is_replaced_and_one_in_use_is_not, .timeout = 10)
{
    char folder[] = "/tmp/gcx-socket-XXXXXX", path[64], long_path[256];
    struct error error;
    struct stat info;
    uid_t uid;
    int first, second, client;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/admin.sock", folder);
    first = socket_listen(path, &error);
    cr_assert_geq(first, 0, "%s", error.text);
    cr_assert_eq(stat(path, &info), 0);
    cr_expect_eq(info.st_mode & 0777, 0600);
    cr_expect_lt(socket_listen(path, &error), 0);
    cr_expect_not_null(strstr(error.text, "somebody listens there already"), "%s", error.text);
    client = socket_connect(path, &error);
    cr_assert_geq(client, 0);
    cr_expect(socket_peer_allowed(client, &uid), "our own user");
    cr_expect_eq(uid, geteuid());
    close(client);
    close(first);
    cr_expect_lt(socket_connect(path, &error), 0);
    second = socket_listen(path, &error);
    cr_assert_geq(second, 0, "%s", error.text);
    close(second);
    unlink(path);
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    cr_expect_lt(socket_listen(long_path, &error), 0);
    cr_expect_not_null(strstr(error.text, "too long for a socket"), "%s", error.text);
    rmdir(folder);
}

/* Who hangs takes no connections: those that wait fill its queue, and one more is told to come again. */
Test(daemon_guard, who_listens_with_a_full_queue_is_somebody, .timeout = 10)
{
    char folder[] = "/tmp/gcx-socket-XXXXXX", path[64];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int waits[8], count = 0, result = 0;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/admin.sock", folder);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    int hangs = socket_listen(path, NULL);
    cr_assert(hangs >= 0 && listen(hangs, 0) == 0);
    while (result == 0 && count < 8) {
        waits[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        result = connect(waits[count++], (const struct sockaddr *)&at, sizeof at);
    }
    cr_assert(result != 0 && errno == EAGAIN, "%d wait", count);
    cr_expect_not(socket_leave(path));
    cr_expect_eq(access(path, F_OK), 0);
    while (count > 0) close(waits[--count]);
    close(hangs);
    cr_expect(socket_leave(path));
    rmdir(folder);
}
