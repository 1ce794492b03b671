/* tests/unit/daemon_links.c - Who may have an adapter's link: over the socket, with the adapter's end of the
 * protocol. */
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/core/base/batch.h"
#include "runtime/core/core.h"
#include "runtime/core/links/link.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/links/links.h"
#include "runtime/daemon/protocol/socket.h"
#include "runtime/host/real.h"
#include "runtime/journal/batches.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_link.h"

enum { OVER_US = 10000000 };

struct core_side {
    char folder[32], socket[48];
    struct conf_adapter desk;
    struct conf conf;
    struct log *log;
    struct batches *store;
    struct engine *engine;
    struct event_base *base;
    struct daemon_links *links;
    unsigned ups, downs; /* as `changed` told */
};

/* One connection of an adapter's process. */
struct end {
    struct link_client_options options;
    struct link_client *client;
    int fd;
    bool closed; /* by the core */
    char refused[128];
};

static const struct image *no_image(void *self, const uint8_t hash[CORE_HASH])
{
    (void)self, (void)hash;
    return NULL;
}

static void no_effect(void *self, unsigned link, struct span frame)
{
    (void)self, (void)link, (void)frame;
}

static void not_told(void *self, unsigned source, uint64_t seq)
{
    (void)self, (void)source, (void)seq;
}

static void no_room(void *self)
{
    (void)self;
}

static void on_failed(void *self, const char *why)
{
    (void)self;
    cr_log_error("%s", why);
    abort();
}

static void on_changed(void *self, const char *adapter, bool up)
{
    struct core_side *core = self;
    cr_expect_str_eq(adapter, "desk");
    *(up ? &core->ups : &core->downs) += 1;
}

static void host_says(struct core_side *core, unsigned kind, unsigned link)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, kind);
    writer_u(&writer, kind == KIND_LinkUp ? LinkUp_link : LinkDown_link, link);
    if (kind == KIND_LinkUp) writer_i(&writer, LinkUp_grace, 1000000); /* the core takes no shorter one */
    engine_post(core->engine, SOURCE_HOST, writer_end(&writer));
    writer_free(&writer);
}

struct look {
    unsigned link;
    bool free;
    uint64_t last_seq;
};

static void look_at(void *self, struct core *core)
{
    struct look *look = self;
    look->free = core_link_is_free(core, look->link);
    look->last_seq = core_last_seq(core, look->link);
}

/* The core's loop, for a moment. */
static void core_turn(struct core_side *core)
{
    event_base_loopexit(core->base, &(struct timeval){.tv_usec = 2000});
    event_base_loop(core->base, EVLOOP_ONCE);
}

static void free_until(struct core_side *core, struct look *look, bool free)
{
    while (engine_read(core->engine, look_at, look), look->free != free) core_turn(core);
}

/* All links are up, and each has posted three events. */
static void all_up(struct core_side *core)
{
    struct writer event, stamped;
    writer_init(&event);
    writer_init(&stamped);
    writer_begin(&event, KIND_EventDN);
    writer_text(&event, EventDN_dn, "7001");
    writer_end(&event);
    for (unsigned link = SOURCE_LINKS; link < SOURCE_LINKS + LINKS_MAX; link++) {
        host_says(core, KIND_LinkUp, link);
        for (uint64_t seq = 1; seq <= 3; seq++) {
            writer_clear(&stamped);
            struct span frame = {event.bytes, (uint32_t)event.length};
            cr_assert(engine_post_link(core->engine, writer_stamp(&stamped, frame, link, seq), PACE_AWAITED, 0));
        }
    }
    writer_free(&event);
    writer_free(&stamped);
}

static void links_begin(struct core_side *core)
{
    struct error error;
    core->links = links_new(&(struct links_options){.base = core->base,
                                                    .engine = core->engine,
                                                    .log = core->log,
                                                    .conf = &core->conf,
                                                    .changed = on_changed,
                                                    .stop = on_failed,
                                                    .self = core},
                            &error);
    cr_assert_not_null(core->links, "%s", error.text);
}

/* `taken`: the state folder knows so many names of another configuration. */
static void begin_with(struct core_side *core, unsigned taken)
{
    struct error error;
    *core = (struct core_side){.folder = "/tmp/gcx-links-XXXXXX",
                               .desk = {.name = "desk", .arrivals = 256, .silent_s = 15, .restart_ms = 500}};
    cr_assert_not_null(mkdtemp(core->folder));
    snprintf(core->socket, sizeof core->socket, "%s/links.sock", core->folder);
    core->conf = (struct conf){.state = core->folder,
                               .links = core->socket,
                               .remote_listen = "",
                               .interactions = 100,
                               .lag_ms = 3000,
                               .adapters = &core->desk,
                               .adapter_count = 1};
    if (taken > 0) {
        char file[64];
        snprintf(file, sizeof file, "%s/links", core->folder);
        FILE *out = fopen(file, "w");
        for (unsigned i = 0; i < taken; i++) fprintf(out, "%u gone%u\n", SOURCE_LINKS + i, i);
        cr_assert_eq(fclose(out), 0);
    }
    core->log = log_new(&(struct log_options){.fd = STDERR_FILENO, .level = LOG_LEVEL_ERROR});
    core->store = batches_open_memory();
    core->base = event_base_new();
    core->engine =
        engine_new(&(struct engine_options){.core = {.partition = 1, .interactions_max = 100, .image = no_image},
                                            .store = core->store,
                                            .log = core->log,
                                            .effect = no_effect,
                                            .committed = not_told,
                                            .room = no_room,
                                            .failed = on_failed},
                   &error);
    cr_assert_not_null(core->engine, "%s", error.text);
    engine_start(core->engine);
    if (taken == LINKS_MAX) {
        struct look last = {.link = SOURCE_LINKS + LINKS_MAX - 1};
        all_up(core);
        do engine_read(core->engine, look_at, &last);
        while (last.last_seq < 3);
    }
    links_begin(core);
}

static void begin(struct core_side *core)
{
    begin_with(core, 0);
}

static void finish(struct core_side *core)
{
    char file[64];
    links_free(core->links);
    engine_stop(core->engine);
    engine_free(core->engine);
    event_base_free(core->base);
    batches_close(core->store);
    log_free(core->log);
    snprintf(file, sizeof file, "%s/links", core->folder);
    unlink(file);
    unlink(core->socket);
    cr_expect_eq(rmdir(core->folder), 0);
}

static void on_up(void *self)
{
    (void)self;
}

static void on_down(void *self, enum down_reason reason, const char *why)
{
    (void)self, (void)reason, (void)why;
}

static void on_refused(void *self, enum refusal why, struct span text)
{
    struct end *end = self;
    (void)why;
    snprintf(end->refused, sizeof end->refused, "%.*s", (int)text.length, (const char *)text.bytes);
}

static void on_effect(void *self, const struct message *effect)
{
    (void)self, (void)effect;
}

static void on_committed(void *self, uint64_t posted)
{
    (void)self, (void)posted;
}

static void end_open(struct end *end, const struct core_side *core, uint64_t instance)
{
    static const unsigned media[] = {media_voice, media_none};
    struct error error;
    *end = (struct end){.options = {.name = "desk", .instance = instance, .media = media}};
    end->client = link_client_new(&end->options, &(struct link_client_calls){end, on_up, on_down, on_refused, on_effect,
                                                                             on_committed, on_up, NULL, NULL});
    end->fd = socket_connect(core->socket, &error);
    cr_assert(end->fd >= 0 && fcntl(end->fd, F_SETFL, O_NONBLOCK) == 0, "%s", error.text);
    link_client_connected(end->client, host_monotonic_us());
}

static void end_close(struct end *end)
{
    link_client_lost(end->client, "the test is over");
    link_client_free(end->client);
    close(end->fd);
}

static void end_turn(struct end *end)
{
    uint8_t bytes[4096];
    struct span output = link_client_output(end->client);
    ssize_t length = send(end->fd, output.bytes, output.length, MSG_NOSIGNAL);
    if (length > 0) link_client_sent(end->client, (size_t)length);
    while ((length = recv(end->fd, bytes, sizeof bytes, 0)) > 0)
        link_client_feed(end->client, bytes, (size_t)length, host_monotonic_us());
    end->closed = end->closed || length == 0 || (length < 0 && errno != EAGAIN);
}

/* Lets core and adapter work until `done`, which looks at the end. */
static bool turns_until(struct core_side *core, struct end *end, bool (*done)(const struct end *))
{
    for (uint64_t until_us = host_monotonic_us() + OVER_US; !done(end) && host_monotonic_us() < until_us;) {
        core_turn(core);
        end_turn(end);
    }
    return done(end);
}

static bool is_up(const struct end *end)
{
    return link_client_is_up(end->client);
}

static bool is_closed(const struct end *end)
{
    return end->closed;
}

static bool is_refused(const struct end *end)
{
    return end->refused[0] != '\0';
}

Test(daemon_links, a_newer_connection_of_the_same_process_takes_the_older_ones_place, .timeout = 40)
{
    struct core_side core;
    struct end older, newer;
    struct link_row row;
    begin(&core);
    end_open(&older, &core, 7);
    cr_assert(turns_until(&core, &older, is_up));
    end_open(&newer, &core, 7); /* of the older one's end nobody has heard */
    cr_assert(turns_until(&core, &newer, is_up), "refused: %s", newer.refused);
    cr_expect_eq(core.ups, 2);
    cr_expect_eq(core.downs, 1);
    cr_assert(links_read(core.links, 0, &row));
    cr_expect(row.up);
    cr_expect_eq(row.breaches, 0, "it has broken nothing");
    cr_expect(turns_until(&core, &older, is_closed), "the core goes on with who has been given up");
    cr_assert(links_read(core.links, 0, &row));
    cr_expect(row.up && !newer.closed && core.downs == 1, "the newer one's link ended with the older one");
    end_close(&older);
    end_close(&newer);
    finish(&core);
}

Test(daemon_links, of_an_older_one_that_has_ended_meanwhile_nothing_is_heard_any_more, .timeout = 40)
{
    struct core_side core;
    struct end older, newer, third;
    struct link_row row;
    begin(&core);
    end_open(&older, &core, 7);
    cr_assert(turns_until(&core, &older, is_up));
    end_open(&newer, &core, 7);
    end_close(&older); /* both reach the core in one turn of its loop */
    cr_assert(turns_until(&core, &newer, is_up), "refused: %s", newer.refused);
    end_open(&third, &core, 7);
    cr_assert(turns_until(&core, &third, is_up), "refused: %s", third.refused);
    cr_expect(turns_until(&core, &newer, is_closed));
    cr_assert(links_read(core.links, 0, &row));
    cr_expect(row.up);
    cr_expect_eq(core.ups, 3);
    cr_expect_eq(core.downs, 2);
    end_close(&newer);
    end_close(&third);
    finish(&core);
}

/* A core that stood still finds them: a link that is up for nobody would be asked for all that it has, and what is
 * dialled meanwhile be thought lost. */
Test(daemon_links, who_has_gone_before_their_hello_is_read_has_no_link, .timeout = 40)
{
    struct core_side core;
    struct end gone, there;
    begin(&core);
    end_open(&gone, &core, 7);
    end_turn(&gone);
    end_close(&gone);
    end_open(&there, &core, 7);
    cr_assert(turns_until(&core, &there, is_up), "refused: %s", there.refused);
    cr_expect(core.ups == 1 && core.downs == 0, "%u up, %u down", core.ups, core.downs);
    end_close(&there);
    finish(&core);
}

Test(daemon_links, another_process_of_the_name_is_refused_while_the_first_has_the_link, .timeout = 40)
{
    struct core_side core;
    struct end first, other;
    begin(&core);
    end_open(&first, &core, 7);
    cr_assert(turns_until(&core, &first, is_up));
    end_open(&other, &core, 8);
    cr_assert(turns_until(&core, &other, is_refused));
    cr_expect_str_eq(other.refused, "adapter `desk` has a link already");
    end_turn(&first);
    cr_expect(is_up(&first) && !first.closed && core.downs == 0);
    end_close(&first);
    end_close(&other);
    finish(&core);
}

/* The events go out, and the end is not told of any that it is durable. */
static void end_posts(struct end *end, unsigned count)
{
    struct writer writer;
    writer_init(&writer);
    for (; count > 0; count--) {
        writer_clear(&writer);
        writer_begin(&writer, KIND_EventDN);
        writer_text(&writer, EventDN_dn, "7001");
        cr_assert(link_client_post(end->client, writer_end(&writer), false));
    }
    writer_free(&writer);
}

static uint64_t core_has(struct core_side *core, struct end *end, uint64_t wanted)
{
    struct look look = {.link = SOURCE_LINKS};
    for (uint64_t until_us = host_monotonic_us() + OVER_US; look.last_seq < wanted && host_monotonic_us() < until_us;) {
        core_turn(core);
        end_turn(end);
        engine_read(core->engine, look_at, &look);
    }
    return look.last_seq;
}

Test(daemon_links, another_process_does_not_use_numbers_again_that_are_not_durable_yet, .timeout = 40)
{
    struct core_side core;
    struct end first, other;
    begin(&core);
    end_open(&first, &core, 7);
    cr_assert(turns_until(&core, &first, is_up));
    end_posts(&first, 3);
    cr_assert_eq(core_has(&core, &first, 3), 3);
    end_close(&first);
    end_open(&other, &core, 8);
    cr_assert(turns_until(&core, &other, is_up), "refused: %s", other.refused);
    end_posts(&other, 2);
    cr_expect_eq(core_has(&core, &other, 5), 5, "its events were taken for those of the process before");
    end_close(&other);
    finish(&core);
}

Test(daemon_links, a_number_of_a_name_that_is_gone_is_used_again_when_nothing_hangs_on_it, .timeout = 60)
{
    struct core_side core;
    struct end end;
    struct look look = {.link = SOURCE_LINKS + 5};
    begin_with(&core, LINKS_MAX);
    end_open(&end, &core, 7);
    cr_assert(turns_until(&core, &end, is_refused), "more links than the core knows");
    cr_expect_not_null(strstr(end.refused, "all 64 numbers of links are taken"), "%s", end.refused);
    end_close(&end);
    host_says(&core, KIND_LinkDown, look.link);
    free_until(&core, &look, true);
    cr_expect_eq(look.last_seq, 3);
    end_open(&end, &core, 8);
    cr_assert(turns_until(&core, &end, is_up), "refused: %s", end.refused);
    cr_expect_eq(link_client_link(end.client), look.link);
    struct writer event;
    writer_init(&event);
    writer_begin(&event, KIND_EventDN);
    writer_text(&event, EventDN_dn, "7002");
    cr_assert(link_client_post(end.client, writer_end(&event), true)); /* its first */
    writer_free(&event);
    do {
        cr_assert(turns_until(&core, &end, is_up));
        end_turn(&end);
        core_turn(&core);
        engine_read(core.engine, look_at, &look);
    } while (look.last_seq < 4);
    end_close(&end);
    finish(&core);
}

Test(daemon_links, a_number_that_could_not_be_saved_is_still_of_the_name_that_is_gone, .timeout = 60)
{
    struct core_side core;
    struct end end;
    struct look look = {.link = SOURCE_LINKS + 5};
    char in_the_way[64];
    begin_with(&core, LINKS_MAX);
    snprintf(in_the_way, sizeof in_the_way, "%s/links.new", core.folder);
    host_says(&core, KIND_LinkDown, look.link);
    free_until(&core, &look, true);
    cr_assert_eq(mkdir(in_the_way, 0700), 0);
    end_open(&end, &core, 7);
    cr_assert(turns_until(&core, &end, is_refused));
    cr_expect_null(strstr(end.refused, "all 64 numbers"), "%s", end.refused);
    end_close(&end);
    cr_assert_eq(rmdir(in_the_way), 0);
    host_says(&core, KIND_LinkUp, look.link);
    free_until(&core, &look, false);
    end_open(&end, &core, 8);
    cr_assert(turns_until(&core, &end, is_refused), "it acts by the number");
    cr_expect_not_null(strstr(end.refused, "all 64 numbers of links are taken"), "%s", end.refused);
    end_close(&end);
    finish(&core);
}

Test(daemon_links, while_a_number_was_never_used_no_other_is, .timeout = 40)
{
    struct core_side core;
    struct end end;
    begin_with(&core, 3);
    end_open(&end, &core, 7);
    cr_assert(turns_until(&core, &end, is_up), "refused: %s", end.refused);
    cr_expect_eq(link_client_link(end.client), SOURCE_LINKS + 3);
    end_close(&end);
    finish(&core);
}

/* An adapter that is broken, or that has ended in order, has kept nothing: the core goes on at once. */
Test(daemon_links, who_is_not_expected_again_is_not_awaited, .timeout = 40)
{
    struct core_side core;
    struct end end;
    begin(&core);
    cr_expect_not(links_unread(core.links), "it was never there");
    end_open(&end, &core, 7);
    cr_assert(turns_until(&core, &end, is_up), "refused: %s", end.refused);
    end_close(&end);
    while (core.downs == 0) event_base_loop(core.base, EVLOOP_ONCE);
    cr_expect(links_unread(core.links), "it may come again");
    end_open(&end, &core, 7);
    cr_assert(turns_until(&core, &end, is_up), "refused: %s", end.refused);
    link_client_close(end.client, down_reason_stopped);
    end_turn(&end);
    while (core.downs == 1) event_base_loop(core.base, EVLOOP_ONCE);
    cr_expect_not(links_unread(core.links), "it has said Bye");
    end_close(&end);
    finish(&core);
}

static void links_again(struct core_side *core)
{
    links_free(core->links);
    links_begin(core);
}

/* Of adapters that were there when the process before ended, one may have kept what happened meanwhile. */
Test(daemon_links, whom_the_process_before_had_is_awaited, .timeout = 40)
{
    struct core_side core;
    struct end end;
    begin(&core);
    end_open(&end, &core, 7);
    cr_assert(turns_until(&core, &end, is_up), "refused: %s", end.refused);
    end_posts(&end, 1);
    cr_assert_eq(core_has(&core, &end, 1), 1);
    links_again(&core);
    cr_expect(links_unread(core.links));
    end_close(&end);
    finish(&core);
}

/* The core acts by the number under that name, as the journal of a process before had it. */
static void link_acts(struct core_side *core, unsigned link, const char *name)
{
    struct look look = {.link = link};
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_LinkUp);
    writer_u(&writer, LinkUp_link, link);
    writer_text(&writer, LinkUp_name, name);
    writer_i(&writer, LinkUp_grace, 1000000);
    engine_post(core->engine, SOURCE_HOST, writer_end(&writer));
    writer_free(&writer);
    free_until(core, &look, false);
}

/* A name on two numbers that are in use has its calls at that of the file, and a new name gets neither. */
Test(daemon_links, a_name_that_acts_by_two_numbers_keeps_that_of_the_file, .timeout = 40)
{
    static const char *const files[] = {"17 desk\n", "16 desk\n"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct core_side core;
        char file[64], text[64] = "", more[64] = "";
        begin(&core);
        link_acts(&core, SOURCE_LINKS, "desk");
        link_acts(&core, SOURCE_LINKS + 1, "desk");
        snprintf(file, sizeof file, "%s/links", core.folder);
        FILE *out = fopen(file, "w");
        cr_assert(out && fputs(files[i], out) >= 0 && fclose(out) == 0);
        struct conf_adapter two[] = {core.desk, core.desk};
        two[1].name = "other";
        core.conf.adapters = two;
        core.conf.adapter_count = 2;
        links_again(&core);
        FILE *in = fopen(file, "r");
        cr_assert_not_null(in);
        cr_expect(fgets(text, sizeof text, in) && strcmp(text, files[i]) == 0, "%s: %s", files[i], text);
        cr_expect(fgets(more, sizeof more, in) && strcmp(more, "18 other\n") == 0, "%s: %s", files[i], more);
        fclose(in);
        finish(&core);
    }
}

/* Cut short, gone, or with a character that is another one: by what the journal has the adapter keeps its number, and
 * the log says what is damaged, but of no file that is not there. */
Test(daemon_links, a_damaged_file_gives_nobody_the_number_of_another, .timeout = 40)
{
    static const char *const damaged[] = {"", "16 des", "16 desl\n", "17 desk\n", "16 other\n17 desk\n", NULL};
    struct core_side core;
    struct end end;
    char file[64], text[64] = "", line[256];
    begin(&core);
    struct log *own = core.log;
    end_open(&end, &core, 7);
    cr_assert(turns_until(&core, &end, is_up), "refused: %s", end.refused);
    end_posts(&end, 1);
    cr_assert_eq(core_has(&core, &end, 1), 1);
    snprintf(file, sizeof file, "%s/links", core.folder);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        cr_assert_eq(unlink(file), 0);
        FILE *out = damaged[i] ? fopen(file, "w") : NULL;
        if (out) cr_assert(fputs(damaged[i], out) >= 0 && fclose(out) == 0);
        FILE *told = tmpfile();
        struct log *log = core.log = log_new(&(struct log_options){.fd = fileno(told), .level = LOG_LEVEL_ERROR});
        links_again(&core);
        core.log = own;
        links_again(&core);
        log_free(log);
        rewind(told);
        bool says = fgets(line, sizeof line, told) && strstr(line, "is damaged");
        cr_expect_eq(says, damaged[i] != NULL, "%s", damaged[i]);
        fclose(told);
        FILE *in = fopen(file, "r");
        cr_assert_not_null(in);
        cr_expect(fgets(text, sizeof text, in) && strcmp(text, "16 desk\n") == 0, "%s: %s", damaged[i], text);
        fclose(in);
    }
    end_close(&end);
    finish(&core);
}
