/* tests/unit/daemon_guard.c - Locks tell who lives, and sockets who may come in. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/daemon/links/guard.h"
#include "runtime/daemon/protocol/socket.h"

static char *const arguments[] = {(char[]){"gcxvm"}, (char[]){"--set"}, (char[]){"a=b"}, NULL};
static char *const others[] = {(char[]){"gcxvm"}, (char[]){"--set"}, (char[]){"a=c"}, NULL};

Test(daemon_guard, the_holder_of_a_lock_is_found_until_it_dies, .timeout = 10)
{
    char path[] = "/tmp/gcx-guard-XXXXXX", byte = 0;
    int fd = mkstemp(path), ends[2];
    bool same = false;
    pid_t child;
    cr_assert_geq(fd, 0);
    close(fd);
    cr_expect_eq(guard_holder(path, arguments, &same), 0);
    cr_assert_eq(pipe(ends), 0);
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        byte = guard_take(path, arguments, NULL) ? 'y' : 'n';
        if (write(ends[1], &byte, 1) == 1) pause();
        _exit(0);
    }
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    cr_expect_eq(byte, 'y');
    cr_expect_eq(guard_holder(path, arguments, &same), child);
    cr_expect(same);
    cr_expect_eq(guard_holder(path, others, &same), child);
    cr_expect_not(same);
    cr_expect_not(guard_take(path, arguments, NULL), "it is taken");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    cr_expect_eq(guard_holder(path, arguments, &same), 0);
    unlink(path);
}

/* The gcxvm of a state folder that was put back looks for locks at their paths. */
Test(daemon_guard, an_adapter_whose_lock_is_not_at_its_path_ends_where_a_gcxvm_lives, .timeout = 30)
{
    char folder[] = "/tmp/gcx-guard-XXXXXX", lock[64], core[64], moved[64], byte = 0;
    int ends[2], status = 0;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(lock, sizeof lock, "%s/a.lock", folder);
    snprintf(core, sizeof core, "%s/lock", folder);
    snprintf(moved, sizeof moved, "%s/moved", folder);
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        if (guard_take(lock, arguments, NULL)) guard_watch(core, lock, 3600);
        if (write(ends[1], &byte, 1) != 1) _exit(1);
        for (;;) pause();
    }
    cr_assert_eq(read(ends[0], &byte, 1), 1);
    cr_assert(guard_take(core, others, NULL), "a gcxvm lives");
    cr_assert_eq(rename(lock, moved), 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    unlink(moved);
    unlink(core);
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
