/* tests/unit/adapter_runner.c - A plugin in memory, and in a process of its own over a Unix socket. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/adapter_memory.h"
#include "runtime/adapter/plugin.h"
#include "runtime/adapter/runner.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "tests/unit/adapter_sample.h"

/* The core's side, for both. */
struct core_side {
    unsigned ups, downs, calls, dones, peers;
    uint64_t last_seq, conn, done_ref;
    enum down_reason reason;
};

static bool on_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                     struct error *error)
{
    (void)why, (void)error;
    struct core_side *core = self;
    *welcome = (struct link_welcome){.link = 17, .epoch = 1, .last_seq = core->last_seq, .last_conn = core->conn};
    return span_is(message_text(hello, Hello_name), "cti");
}

static void on_up(void *self)
{
    ((struct core_side *)self)->ups++;
}

static bool on_event(void *self, const struct message *event)
{
    struct core_side *core = self;
    core->last_seq = message_u(event, ENVELOPE_seq);
    if (event->kind == KIND_PeerLink) core->peers++;
    if (event->kind == KIND_EventCallCreated) {
        core->calls++;
        core->conn = message_u(event, ENVELOPE_conn);
    }
    if (event->kind == KIND_EventDone) {
        core->dones++;
        core->done_ref = message_u(event, ENVELOPE_ref);
    }
    return true;
}

static void on_down(void *self, enum down_reason reason, const char *why)
{
    (void)why;
    ((struct core_side *)self)->downs++;
    ((struct core_side *)self)->reason = reason;
}

static struct link_server *server_for(struct core_side *core)
{
    return link_server_new(&(struct link_server_calls){core, on_hello, on_up, on_event, on_down, NULL}, 0);
}

static void send_cancel(struct link_server *server, uint64_t ref)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_Cancel);
    writer_u(&writer, ENVELOPE_source, 17);
    writer_u(&writer, ENVELOPE_ref, ref);
    link_server_effect(server, writer_end(&writer));
    writer_free(&writer);
}

/* In memory. */

struct surroundings {
    const char *ani, *fail;
    char failed[256], logged[64], warned[128];
    uint64_t late_us;
    bool opened;
};

static uint64_t wall_us(void *self)
{
    return 1772442000000000 + ((struct surroundings *)self)->late_us;
}

static const char *setting(void *self, const char *key)
{
    struct surroundings *here = self;
    if (strcmp(key, "holds") == 0) here->opened = true; /* the sample asks for it then */
    return strcmp(key, "ani") == 0 ? here->ani : strcmp(key, "fail") == 0 ? here->fail : NULL;
}

static void log_text(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    (void)ixn;
    struct surroundings *here = self;
    snprintf(here->logged, sizeof here->logged, "%s", text);
    if (level == GCX_LOG_WARNING)
        snprintf(here->warned, sizeof here->warned, "%llx %s", (unsigned long long)conn, text);
}

static void over(void *self, const char *why)
{
    (void)self, (void)why;
}

static void failed(void *self, bool refused, const char *why)
{
    struct surroundings *here = self;
    snprintf(here->failed, sizeof here->failed, "%s%s", refused ? "refused: " : "", why);
}

static struct gcx_link *plugin_with(struct surroundings *here, const char *name, struct error *error)
{
    struct plugin_host host = {.self = here,
                               .now_us = wall_us,
                               .wall_us = wall_us,
                               .setting = setting,
                               .log = log_text,
                               .over = over,
                               .failed = failed};
    return plugin_new(&gcx_adapter, name, 1, (struct span){0}, &host, error);
}

Test(plugin, posts_and_performs_in_memory, .timeout = 10)
{
    struct surroundings here = {.ani = "+33"};
    struct core_side core = {0};
    struct error error = {0};
    struct gcx_link *link = plugin_with(&here, "cti", &error);
    cr_assert(link, "%s", error.text);
    struct link_client *client = plugin_client(link);
    struct link_server *server = server_for(&core);
    cr_assert_not(here.opened, "not opened before the core is there");
    link_client_connected(client, 0);
    cr_assert(memory_pump(client, server, 3, 0));
    cr_assert(here.opened);
    cr_assert(core.calls == 1 && core.peers == 1);
    cr_assert_eq(core.conn >> 48, 17);
    cr_assert_eq((core.conn & 0xffffffffffff) >> 16, 1772442000);
    send_cancel(server, 9);
    link_server_committed(server, 2);
    memory_pump(client, server, 0, 0);
    cr_assert(core.dones == 1 && core.done_ref == 9);
    cr_assert_str_eq(here.logged, "durable: 1");

    /* Again, after a loss: another ConnID. */
    uint64_t conn = core.conn;
    link_server_free(server);
    link_client_lost(client, "cut");
    server = server_for(&core);
    link_client_connected(client, 0);
    memory_pump(client, server, 0, 0);
    cr_assert(core.calls == 2 && core.conn == conn + 1);
    plugin_free(link);
    link_server_free(server);
}

Test(plugin, an_event_that_holds_no_text_ends_in_its_own_process, .timeout = 10)
{
    struct surroundings here = {.ani = "caf\xe9"};
    struct core_side core = {0};
    struct error error = {0};
    struct gcx_link *link = plugin_with(&here, "cti", &error);
    struct link_server *server = server_for(&core);
    link_client_connected(plugin_client(link), 0);
    cr_assert(memory_pump(plugin_client(link), server, 0, 0));
    cr_assert(core.calls == 0 && core.peers == 1);
    cr_assert_not_null(strstr(here.warned, "an event was not posted: EventCallCreated.ani: not UTF-8"), "%s",
                       here.warned);
    cr_assert_eq(strncmp(here.warned, "11", 2), 0, "with its call: %s", here.warned);
    send_cancel(server, 9); /* and the link goes on */
    cr_assert(memory_pump(plugin_client(link), server, 0, 0));
    cr_assert(core.dones == 1 && link_client_is_up(plugin_client(link)));
    plugin_free(link);
    link_server_free(server);
}

/* The core has not heard of the calls of one that was killed; the switch has. */
Test(plugin, one_that_is_started_in_the_same_second_gives_other_conn_ids, .timeout = 10)
{
    uint64_t conns[2];
    for (unsigned i = 0; i < 2; i++) {
        struct surroundings here = {.ani = "+33", .late_us = 100000 + i * 1000};
        struct core_side core = {0};
        struct gcx_link *link = plugin_with(&here, "cti", NULL);
        struct link_server *server = server_for(&core);
        link_client_connected(plugin_client(link), 0);
        memory_pump(plugin_client(link), server, 0, 0);
        cr_assert_eq(core.calls, 1);
        conns[i] = core.conn;
        plugin_free(link);
        link_server_free(server);
    }
    cr_assert_neq(conns[0], conns[1]);
    cr_assert_eq(conns[0] >> 16, conns[1] >> 16, "of one second");
}

Test(plugin, what_it_lacks_is_named, .timeout = 10)
{
    struct surroundings here = {0};
    struct error error = {0};
    cr_assert_null(plugin_with(&here, "cti", &error));
    cr_assert(strstr(error.text, "ani"), "%s", error.text);

    here = (struct surroundings){.ani = "+33", .fail = "bad"};
    struct core_side core = {0};
    struct gcx_link *link = plugin_with(&here, "cti", &error);
    struct link_server *server = server_for(&core);
    link_client_connected(plugin_client(link), 0);
    memory_pump(plugin_client(link), server, 0, 0);
    cr_assert_str_eq(here.failed, "it was told to: bad");
    plugin_free(link);
    link_server_free(server);

    here = (struct surroundings){.ani = "+33"};
    link = plugin_with(&here, "stranger", &error);
    server = server_for(&core);
    link_client_connected(plugin_client(link), 0);
    memory_pump(plugin_client(link), server, 0, 0);
    cr_assert(strstr(here.failed, "refused"), "%s", here.failed);
    plugin_free(link);
    link_server_free(server);
}

Test(plugin, what_its_descriptor_lacks_is_named)
{
    struct gcx_adapter adapter = gcx_adapter;
    struct error error = {0};
    cr_expect(plugin_good(&adapter, &error));
    adapter.core_up = NULL;
    adapter.name = NULL;
    cr_expect_not(plugin_good(&adapter, &error));
    cr_expect(strstr(error.text, "lacks name, core_up "), "%s", error.text);

    adapter = gcx_adapter;
    adapter.media = (const char *const[]){"voice", "smoke", NULL};
    cr_expect_not(plugin_good(&adapter, &error));
    cr_expect(strstr(error.text, "`smoke`"), "%s", error.text);
}

/* In its process. */

static char directory[64], path[96];
static pid_t child;

static void make_directory(void)
{
    strcpy(directory, "/tmp/gcx-adapter-XXXXXX");
    cr_assert(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/socket", directory);
    child = 0;
}

static void remove_directory(void)
{
    if (child > 0 && waitpid(child, NULL, WNOHANG) == 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    unlink(path);
    rmdir(directory);
}

static void no_log(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    (void)self, (void)level, (void)ixn, (void)conn, (void)text;
}

static void start(const char *plugin, const struct adapter_setting *settings)
{
    child = fork();
    if (child != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    _exit(adapter_run(&(struct adapter_options){
        .plugin = plugin, .socket = path, .name = "cti", .settings = settings, .log = no_log}));
}

static int listen_at(const char *where)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", where);
    unlink(where);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 4), 0);
    return fd;
}

/* Carries bytes between the socket and the core's end until `*count` is `wanted` or the link is over. */
static void serve(int fd, struct link_server *server, const unsigned *count, unsigned wanted)
{
    char bytes[4096];
    while (*count < wanted) {
        struct span output = link_server_output(server);
        while (output.length > 0) {
            ssize_t sent = send(fd, output.bytes, output.length, MSG_NOSIGNAL);
            if (sent < 0) return;
            link_server_sent(server, (size_t)sent);
            output = link_server_output(server);
        }
        ssize_t length = recv(fd, bytes, sizeof bytes, 0);
        if (length <= 0) {
            link_server_lost(server, "closed");
            return;
        }
        link_server_feed(server, bytes, (size_t)length, 0);
    }
}

static const struct adapter_setting good[] = {{"ani", "+33"}, {NULL, NULL}};

static const char *sample_plugin(void)
{
    static char text[512];
    const char *top = getenv("top_builddir");
    snprintf(text, sizeof text, "%s/tests/unit/.libs/adapter_sample.so", top ? top : ".");
    return text;
}

Test(runner, comes_again_after_the_core_was_away_and_ends_on_sigterm, .timeout = 30, .init = make_directory,
     .fini = remove_directory)
{
    struct core_side core = {0};
    start(sample_plugin(), good); /* nobody listens yet */
    usleep(100000);
    int listener = listen_at(path);
    int fd = accept(listener, NULL, NULL);
    struct link_server *server = server_for(&core);
    serve(fd, server, &core.calls, 1);
    send_cancel(server, 4);
    serve(fd, server, &core.dones, 1);
    cr_assert_eq(core.done_ref, 4);
    close(fd); /* the core is killed */
    link_server_free(server);
    uint64_t conn = core.conn;

    fd = accept(listener, NULL, NULL);
    server = server_for(&core);
    serve(fd, server, &core.calls, 2);
    cr_assert(core.calls == 2 && core.conn > conn);
    cr_assert_eq(kill(child, SIGTERM), 0);
    serve(fd, server, &core.downs, 1);
    cr_assert_eq(core.reason, down_reason_stopped);
    int status = -1;
    waitpid(child, &status, 0);
    child = 0;
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == ADAPTER_ENDED, "%d", status);
    link_server_free(server);
    close(fd);
    close(listener);
}

/* --- It is asked to end while it holds a conversation --- */

static int says[2]; /* what the process logs, and whether it stays, a line each */

static void say_line(const char *text)
{
    char line[1200];
    int length = snprintf(line, sizeof line, "%.1100s\n", text);
    if (write(says[1], line, (size_t)length) != length) _exit(9);
}

static void log_line_out(void *self, int level, uint64_t ixn, uint64_t conn, const char *text)
{
    (void)self, (void)level, (void)ixn, (void)conn;
    say_line(text);
}

static void stay_out(void *self, bool stays)
{
    (void)self;
    say_line(stays ? "stay: yes" : "stay: no");
}

static void hold_out(void *self, unsigned conversations, bool ends)
{
    char text[64];
    (void)self;
    snprintf(text, sizeof text, "holds %u%s", conversations, ends ? ", for the last time" : "");
    say_line(text);
}

/* Reads lines up to the one that has the text. */
static void await_line_without(const char *wanted, const char *unsaid)
{
    char line[1200];
    size_t length = 0;
    while (read(says[0], line + length, 1) == 1) {
        if (line[length] != '\n' && length < sizeof line - 1) {
            length++;
            continue;
        }
        line[length] = '\0';
        length = 0;
        cr_assert_null(strstr(line, unsaid), "it says: %s", line);
        if (strstr(line, wanted)) return;
    }
    cr_assert(false, "it never says: %s", wanted);
}

static void await_line(const char *wanted)
{
    await_line_without(wanted, "\n");
}

struct held {
    struct core_side core;
    struct link_server *server;
    int listener, fd;
};

static void held_connect(struct held *held)
{
    held->fd = accept(held->listener, NULL, NULL);
    held->server = server_for(&held->core);
    serve(held->fd, held->server, &held->core.calls, held->core.calls + 1);
}

static void held_disconnect(struct held *held)
{
    close(held->fd);
    link_server_free(held->server);
}

static void held_begin(struct held *held)
{
    static const struct adapter_setting settings[] = {{"ani", "+33"}, {"holds", "1"}, {NULL, NULL}};
    make_directory();
    cr_assert_eq(pipe(says), 0);
    *held = (struct held){.listener = listen_at(path)};
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(adapter_run(&(struct adapter_options){.plugin = sample_plugin(),
                                                    .socket = path,
                                                    .name = "cti",
                                                    .settings = settings,
                                                    .log = log_line_out,
                                                    .stay = stay_out,
                                                    .hold = hold_out}));
    }
    close(says[1]);
    held_connect(held);
}

/* The plugin answers a Cancel, which shows how it is. */
static void held_is(struct held *held, const char *how, uint64_t ref)
{
    send_cancel(held->server, ref);
    serve(held->fd, held->server, &held->core.dones, held->core.dones + 1);
    await_line(how);
}

static void held_ends(struct held *held)
{
    int status = -1;
    serve(held->fd, held->server, &held->core.downs, 1);
    cr_expect_eq(held->core.reason, down_reason_stopped);
    cr_assert_eq(waitpid(child, &status, 0), child);
    child = 0;
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == ADAPTER_ENDED, "%d", status);
    held_disconnect(held);
    close(held->listener);
    close(says[0]);
}

/* It serves the next core, too, and is over with its conversation. */
Test(runner, one_that_is_to_be_renewed_serves_until_it_holds_nothing, .timeout = 30, .fini = remove_directory)
{
    struct held held;
    held_begin(&held);
    kill(child, ADAPTER_RENEWS);
    await_line("stay: yes");
    held_disconnect(&held);
    held_connect(&held);
    held_is(&held, "serves", 1);
    await_line("stay: yes"); /* each second */
    held_is(&held, "serves", SAMPLE_LAST);
    await_line("no conversation is left");
    held_ends(&held);
}

Test(runner, one_that_was_taken_back_goes_on, .timeout = 30, .fini = remove_directory)
{
    struct held held;
    held_begin(&held);
    kill(child, ADAPTER_RENEWS);
    await_line("goes on with 1 conversations");
    kill(child, ADAPTER_GOES_ON);
    await_line_without("stay: yes", "stay: no");
    await_line_without("stay: no", "a gcxvm is there");
    await_line("a gcxvm is there");
    held_is(&held, "serves", SAMPLE_LAST);
    usleep(1300000);
    cr_expect_eq(waitpid(child, NULL, WNOHANG), 0, "it has ended");
    kill(child, ADAPTER_RENEWS); /* it holds nothing */
    held_ends(&held);
}

Test(runner, one_without_a_gcxvm_begins_nothing_until_the_next_is_there, .timeout = 30, .fini = remove_directory)
{
    struct held held;
    held_begin(&held);
    kill(child, ADAPTER_ALONE);
    await_line("begins no other");
    held_is(&held, "drains", 1);
    kill(child, ADAPTER_GOES_ON);
    await_line("a gcxvm is there");
    held_is(&held, "serves", 2);
    kill(child, ADAPTER_ALONE);
    await_line("begins no other");
    kill(child, ADAPTER_RENEWS); /* the next gcxvm has another program for it */
    await_line("gcxvm ends, or renews it");
    held_is(&held, "serves", 3);
    held_is(&held, "serves", SAMPLE_LAST);
    held_ends(&held);
}

Test(runner, a_person_ends_it_by_the_second_signal, .timeout = 30, .fini = remove_directory)
{
    struct held held;
    held_begin(&held);
    await_line("holds 1");
    kill(child, SIGTERM);
    await_line("holds 1, for the last time");
    await_line("begins no other");
    kill(child, ADAPTER_RENEWS);
    await_line("gcxvm ends, or renews it");
    held_is(&held, "drains", 1);
    kill(child, ADAPTER_GOES_ON);
    held_is(&held, "drains", 2);
    kill(child, SIGTERM);
    await_line_without("once more", "goes on");
    held_ends(&held);
}

static bool refuses(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                    struct error *error)
{
    (void)self, (void)hello, (void)welcome;
    *why = refusal_protocol;
    return error_set(error, ERROR_VERSION, "another version");
}

/* Answers the next connection with a refusal. */
static void refuse_next(int listener, struct core_side *core)
{
    int fd = accept(listener, NULL, NULL);
    unsigned downs = core->downs;
    struct link_server *server =
        link_server_new(&(struct link_server_calls){core, refuses, on_up, on_event, on_down, NULL}, 0);
    serve(fd, server, &core->downs, downs + 1);
    struct span last = link_server_output(server);
    cr_assert_eq(send(fd, last.bytes, last.length, MSG_NOSIGNAL), (ssize_t)last.length);
    link_server_free(server);
    close(fd);
}

/* A gcxvm of another version refuses it: its conversations go on, and the gcxvm after that may have it. It says so
 * once, however often it is refused. */
Test(runner, one_that_is_refused_keeps_its_conversation, .timeout = 30, .fini = remove_directory)
{
    struct held held;
    held_begin(&held);
    held_disconnect(&held);
    refuse_next(held.listener, &held.core);
    await_line("another version");
    await_line("stay: yes");
    refuse_next(held.listener, &held.core);
    held.core.downs = 0;
    held_connect(&held);
    send_cancel(held.server, SAMPLE_LAST);
    serve(held.fd, held.server, &held.core.dones, held.core.dones + 1);
    await_line_without("serves", "another version");
    held_ends(&held);
}

Test(runner, one_that_is_refused_and_holds_nothing_ends_with_the_code_of_a_refusal, .timeout = 30,
     .init = make_directory, .fini = remove_directory)
{
    struct core_side core = {0};
    int status = -1, listener = listen_at(path);
    start(sample_plugin(), good);
    refuse_next(listener, &core);
    cr_assert_eq(waitpid(child, &status, 0), child);
    child = 0;
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == ADAPTER_REFUSED, "%d", status);
    close(listener);
}

static int exit_code(const char *plugin, const struct adapter_setting *settings)
{
    int status = -1;
    start(plugin, settings);
    waitpid(child, &status, 0);
    child = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(runner, what_is_no_plugin_or_has_wrong_settings_ends_at_once, .timeout = 30, .init = make_directory,
     .fini = remove_directory)
{
    static const struct adapter_setting unknown[] = {{"ani", "+33"}, {"colour", "red"}, {NULL, NULL}};
    static const struct adapter_setting none[] = {{NULL, NULL}};
    cr_assert_eq(exit_code("/nonexistent.so", good), ADAPTER_FAILED);
    cr_assert_eq(exit_code(sample_plugin(), unknown), ADAPTER_FAILED);
    cr_assert_eq(exit_code(sample_plugin(), none), ADAPTER_FAILED);
}
