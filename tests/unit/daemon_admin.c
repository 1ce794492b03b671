/* tests/unit/daemon_admin.c - The admin socket of a real gcxvm: whatever a client sends, it is answered, and others
 * are. */
#include "config.h"
#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/daemon/protocol/socket.h"

struct world {
    char folder[32], socket[64];
    pid_t daemon;
};

static void file_write(const struct world *world, const char *name, const char *text)
{
    char path[128];
    FILE *file;
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static int dial(const struct world *world)
{
    for (int i = 0; i < 200; i++) {
        int fd = socket_connect(world->socket, NULL);
        if (fd >= 0) return fd;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    cr_assert_fail("gcxvm does not answer");
    return -1;
}

static struct world *world_with(const char *settings)
{
    struct world *world = calloc(1, sizeof *world);
    const char *top = getenv("top_builddir");
    char program[512], conf[64], log[64], text[256];
    cr_assert_not_null(world);
    strcpy(world->folder, "/tmp/gcx-admin-XXXXXX");
    cr_assert_not_null(mkdtemp(world->folder));
    snprintf(world->socket, sizeof world->socket, "%s/state/admin.sock", world->folder);
    snprintf(text, sizeof text, "directory = \"directory.sql\"\nstrategies = {}\n%s", settings);
    file_write(world, "gcx.conf", text);
    file_write(world, "directory.sql",
               "create table agent (name text, display text default '');\n"
               "insert into agent (name) values ('marie');\n");
    snprintf(program, sizeof program, "%s/gcxvm", top ? top : ".");
    snprintf(conf, sizeof conf, "%s/gcx.conf", world->folder);
    snprintf(log, sizeof log, "%s/log", world->folder);
    world->daemon = fork();
    cr_assert_geq(world->daemon, 0);
    if (world->daemon == 0) {
        if (freopen(log, "w", stderr)) execl(program, program, conf, (char *)NULL);
        _exit(127);
    }
    close(dial(world));
    return world;
}

static struct world *world_new(void)
{
    return world_with("");
}

static void world_free(struct world *world)
{
    char command[64];
    int status;
    kill(world->daemon, SIGTERM);
    waitpid(world->daemon, &status, 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "gcxvm ended with %x", (unsigned)status);
    snprintf(command, sizeof command, "rm -r %s", world->folder);
    cr_expect_eq(system(command), 0);
    free(world);
}

/* Sends it all; one that is closed meanwhile is no failure. */
static void put(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, text, length, MSG_NOSIGNAL);
        if (n <= 0) return;
        text += n;
        length -= (size_t)n;
    }
}

/* The next line as JSON; NULL where the connection has ended. */
static json_t *get(FILE *stream)
{
    char *line = NULL;
    size_t size = 0;
    json_t *value = NULL;
    if (getline(&line, &size, stream) > 0) value = json_loads(line, 0, NULL);
    free(line);
    return value;
}

static bool answer_is(FILE *stream, bool ok, json_int_t id, const char *error)
{
    json_t *answer = get(stream);
    const char *text = json_string_value(json_object_get(answer, "error"));
    bool good = answer && json_is_true(json_object_get(answer, "ok")) == ok &&
                json_integer_value(json_object_get(answer, "id")) == id && (!error || (text && strstr(text, error)));
    if (!good) {
        char *shown = json_dumps(answer, 0);
        fprintf(stderr, "unexpected answer: %s\n", shown ? shown : "(none)");
        free(shown);
    }
    json_decref(answer);
    return good;
}

static FILE *opened(struct world *world)
{
    FILE *stream = fdopen(dial(world), "r+");
    cr_assert_not_null(stream);
    return stream;
}

static void say(FILE *stream, const char *text)
{
    put(fileno(stream), text, strlen(text));
}

Test(daemon_admin, every_request_has_one_answer_in_order, .timeout = 30)
{
    struct world *world = world_new();
    FILE *stream = opened(world);
    say(stream,
        "{\"id\":1,\"command\":\"version\"}\n{\"id\":2,\"command\":\"load\"}\n{\"id\":3,\"command\":\"agents\"}\n"
        "{\"command\":\"queues\"}\n{\"id\":5,\"command\":\"inter");
    cr_expect(answer_is(stream, true, 1, NULL));
    cr_expect(answer_is(stream, true, 2, NULL));
    cr_expect(answer_is(stream, true, 3, NULL));
    cr_expect(answer_is(stream, true, 0, NULL));
    say(stream, "actions\"}\n");
    cr_expect(answer_is(stream, true, 5, NULL));
    fclose(stream);
    world_free(world);
}

Test(daemon_admin, what_is_wrong_is_said_and_the_connection_stays, .timeout = 30)
{
    struct world *world = world_new();
    FILE *stream = opened(world);
    say(stream, "\n{]\n[1,2]\n{\"id\":1}\n{\"id\":2,\"command\":7}\n{\"id\":3,\"command\":\"frobnicate\"}\n"
                "{\"id\":4,\"command\":\"trace\"}\n{\"id\":5,\"command\":\"trace\",\"ixn\":\"x\"}\n"
                "{\"id\":6,\"command\":\"data\",\"conn\":\"0010000000000001\"}\n"
                "{\"id\":7,\"command\":\"interactions\",\"limit\":-1}\n{\"id\":8,\"id\":9}\n"
                "{\"id\":10,\"command\":\"status\"}\n"
                "{\"id\":11,\"command\":\"aéééééééééééééééééééééééé\"}\n");
    cr_expect(answer_is(stream, false, 0, ""));
    cr_expect(answer_is(stream, false, 0, ""));
    cr_expect(answer_is(stream, false, 0, "expected an object"));
    cr_expect(answer_is(stream, false, 1, "expected `command`"));
    cr_expect(answer_is(stream, false, 2, "expected `command`"));
    cr_expect(answer_is(stream, false, 3, "no command `frobnicate`; expected status, agents"));
    cr_expect(answer_is(stream, false, 4, "expected `ixn`"));
    cr_expect(answer_is(stream, false, 5, "expected `ixn`"));
    cr_expect(answer_is(stream, false, 6, "no interaction"));
    cr_expect(answer_is(stream, false, 7, "`limit` is a number"));
    cr_expect(answer_is(stream, false, 0, "duplicate"));
    cr_expect(answer_is(stream, true, 10, NULL));
    cr_expect(answer_is(stream, false, 11, "no command `a"), "cut in the middle of a letter");
    fclose(stream);
    world_free(world);
}

Test(daemon_admin, a_line_without_end_is_refused_and_others_are_served, .timeout = 30)
{
    enum { MUCH = 10 * 1024 * 1024 };
    struct world *world = world_new();
    FILE *flood = opened(world), *half = opened(world), *stream = opened(world);
    char *much = malloc(MUCH);
    cr_assert_not_null(much);
    memset(much, 'x', MUCH);
    say(half, "{\"id\":1,\"comm");
    put(fileno(flood), much, MUCH);
    cr_expect(answer_is(flood, false, 0, "longer than 65536 bytes"));
    cr_expect_null(get(flood), "and closed");
    say(stream, "{\"id\":2,\"command\":\"status\"}\n");
    cr_expect(answer_is(stream, true, 2, NULL));
    say(half, "and\":\"version\"}\n");
    cr_expect(answer_is(half, true, 1, NULL));
    free(much);
    fclose(flood);
    fclose(half);
    fclose(stream);
    world_free(world);
}

Test(daemon_admin, one_who_asks_much_and_reads_nothing_holds_up_nobody, .timeout = 60)
{
    enum { REQUESTS = 20000, ANSWERS_MOST = 4000 };
    static const char request[] = "{\"command\":\"status\"}\n";
    struct world *world = world_new();
    FILE *stream = opened(world);
    int flood = dial(world);
    size_t sent = 0;
    struct timespec begun, now;
    /* As much as it takes; what is not read is not answered any further. */
    for (int i = 0; i < REQUESTS; i++) {
        ssize_t n = send(flood, request, sizeof request - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n <= 0) break;
        sent += (size_t)n;
    }
    cr_expect_lt(sent / (sizeof request - 1), ANSWERS_MOST * 4u, "it takes whatever comes");
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (json_int_t i = 1; i <= 20; i++) {
        char line[64];
        snprintf(line, sizeof line, "{\"id\":%d,\"command\":\"version\"}\n", (int)i);
        say(stream, line);
        cr_expect(answer_is(stream, true, i, NULL));
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    cr_expect_lt(now.tv_sec - begun.tv_sec, 10, "others are held up");
    close(flood);
    fclose(stream);
    world_free(world);
}

Test(daemon_admin, who_has_asked_all_is_answered_all, .timeout = 30)
{
    struct world *world = world_new();
    FILE *stream = opened(world);
    say(stream,
        "{\"id\":1,\"command\":\"version\"}\n{\"id\":2,\"command\":\"reload\"}\n{\"id\":3,\"command\":\"agents\"}\n{");
    shutdown(fileno(stream), SHUT_WR);
    cr_expect(answer_is(stream, true, 1, NULL));
    cr_expect(answer_is(stream, true, 2, NULL));
    cr_expect(answer_is(stream, true, 3, NULL));
    cr_expect_null(get(stream), "and then the connection ends");
    fclose(stream);
    world_free(world);
}

Test(daemon_admin, places_are_bounded_and_free_again, .timeout = 30)
{
    enum { PLACES = 64 };
    struct world *world = world_with("admin_share = 64\n");
    FILE *streams[PLACES], *stream;
    for (int i = 0; i < PLACES; i++) {
        streams[i] = opened(world);
        say(streams[i], "{\"id\":1,\"command\":\"version\"}\n{"); /* it asks on: it is not idle */
        cr_expect(answer_is(streams[i], true, 1, NULL));
    }
    stream = opened(world);
    cr_expect(answer_is(stream, false, 0, "as many clients as may be"));
    fclose(stream);
    fclose(streams[0]);
    for (int i = 0, there = 0; i < 200 && !there; i++) { /* that it has gone is seen soon */
        json_t *answer;
        streams[0] = opened(world);
        say(streams[0], "{\"id\":1,\"command\":\"version\"}\n");
        answer = get(streams[0]);
        there = json_is_true(json_object_get(answer, "ok"));
        json_decref(answer);
        if (!there) fclose(streams[0]);
        if (!there) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        cr_expect(there || i < 199);
    }
    for (int i = 0; i < PLACES; i++) fclose(streams[i]);
    world_free(world);
}

Test(daemon_admin, a_user_has_a_share_of_the_places, .timeout = 30)
{
    enum { SHARE = 3 };
    struct world *world = world_with("admin_share = 3\n");
    FILE *streams[SHARE], *stream;
    for (int i = 0; i < SHARE; i++) {
        streams[i] = opened(world);
        say(streams[i], "{\"id\":1,\"command\":\"version\"}\n{"); /* it asks on: it is not idle */
        if (answer_is(streams[i], true, 1, NULL)) continue;
        fclose(streams[i--]); /* who knocked first, to see whether it is there, is on the way out */
    }
    stream = opened(world);
    cr_expect(answer_is(stream, false, 0, "as many connections as one may have: admin_share"));
    fclose(stream);
    for (int i = 0; i < SHARE; i++) fclose(streams[i]);
    world_free(world);
}

Test(daemon_admin, who_is_idle_gives_its_place_to_who_comes, .timeout = 30)
{
    enum { SHARE = 3 };
    struct world *world = world_with("admin_share = 3\n");
    FILE *streams[SHARE], *stream;
    bool in = false;
    for (int i = 0; i < SHARE; i++) streams[i] = opened(world);
    for (int i = 0; i < 1000 && !in; i++) { /* a second, in which they may still be about to ask */
        stream = opened(world);
        say(stream, "{\"id\":1,\"command\":\"version\"}\n");
        json_t *answer = get(stream);
        in = json_is_true(json_object_get(answer, "ok"));
        json_decref(answer);
        fclose(stream);
        if (!in) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    cr_expect(in);
    for (int i = 0; i < SHARE; i++) fclose(streams[i]);
    world_free(world);
}

Test(daemon_admin, who_asks_nothing_is_let_go, .timeout = 30)
{
    struct world *world = world_with("admin_idle_s = 1\n");
    FILE *idle = opened(world), *busy = opened(world);
    say(idle, "{\"id\":1,\"command\":\"version\"}\n{\"id\"");
    cr_expect(answer_is(idle, true, 1, NULL));
    for (int i = 0; i < 8; i++) {
        say(busy, "{\"id\":2,\"command\":\"version\"}\n");
        cr_expect(answer_is(busy, true, 2, NULL), "in round %d", i);
        nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
    }
    cr_expect_null(get(idle), "it is gone");
    fclose(idle);
    fclose(busy);
    world_free(world);
}

Test(daemon_admin, what_is_asked_is_checked_by_the_table, .timeout = 30)
{
    struct world *world = world_new();
    FILE *stream = opened(world);
    say(stream,
        "{\"id\":1,\"command\":\"status\",\"limit\":3}\n{\"id\":2,\"command\":\"agents\",\"limit\":\"x\"}\n"
        "{\"id\":3,\"command\":\"status\",\"why\":\"x\"}\n{\"id\":4,\"command\":\"log-out\"}\n"
        "{\"id\":5,\"command\":\"load\",\"files\":[1]}\n{\"id\":6,\"command\":\"top\"}\n"
        "{\"id\":7,\"command\":\"interactions\",\"from\":\"-1\"}\n{\"id\":8,\"command\":\"agents\",\"state\":\"?\"}\n"
        "{\"id\":9,\"command\":\"interactions\",\"media\":\"smoke\"}\n"
        "{\"id\":10,\"command\":\"agents\",\"from\":1000000000}\n{\"id\":11,\"command\":\"queues\",\"from\":1000000000}"
        "\n"
        "{\"id\":12,\"command\":\"log-out\",\"agent\":\"marie\",\"why\":\"x\"}\n");
    cr_expect(answer_is(stream, false, 1, "status does not take `limit`"));
    cr_expect(answer_is(stream, false, 2, "`limit` is a number"));
    cr_expect(answer_is(stream, false, 3, "does not take `why`"));
    cr_expect(answer_is(stream, false, 4, "log-out needs `agent`"));
    cr_expect(answer_is(stream, false, 5, "`files` is an array"));
    cr_expect(answer_is(stream, false, 6, "no command `top`"));
    cr_expect(answer_is(stream, false, 7, "`from` is what"));
    cr_expect(answer_is(stream, false, 8, "no state `?`"));
    cr_expect(answer_is(stream, false, 9, "no medium `smoke`"));
    cr_expect(answer_is(stream, true, 10, NULL));
    cr_expect(answer_is(stream, true, 11, NULL));
    cr_expect(answer_is(stream, false, 12, "not logged in"));
    fclose(stream);
    world_free(world);
}

Test(daemon_admin, nonsense_on_the_adapters_socket_ends_that_connection_only, .timeout = 30)
{
    static const char frames[][24] = {
        "GET / HTTP/1.0\r\n\r\n",                           /* far longer than a frame may be */
        "\x04\x00\x00\x00\x01\x00\x00\x00",                 /* a Hello of nothing */
        "\x08\x00\x00\x00\x2a\x00\x00\x00\x04\x10\x08\x01", /* an event before Hello */
        "\x04\x00\x00\x00\xff\xff\x00\x00",                 /* of no kind */
    };
    static const size_t lengths[] = {18, 8, 12, 8};
    struct world *world = world_new();
    char path[64], bytes[512];
    FILE *stream;
    snprintf(path, sizeof path, "%s/state/links.sock", world->folder);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct error error;
        int fd = socket_connect(path, &error);
        ssize_t n;
        cr_assert_geq(fd, 0, "%s", error.text);
        put(fd, frames[i], lengths[i]);
        while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0) continue; /* Refuse may come first */
        cr_expect_leq(n, 0);
        close(fd);
    }
    stream = opened(world);
    say(stream, "{\"id\":1,\"command\":\"status\"}\n");
    cr_expect(answer_is(stream, true, 1, NULL));
    fclose(stream);
    world_free(world);
}
