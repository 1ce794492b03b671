/* tests/fuzz/fuzz_adapter.c - The core's end of a link with a hostile adapter, and the adapter's with a hostile core:
 * raw bytes, well-formed frames with any values, and everything that may happen in between. What each end sends is
 * always well-formed, and who is hostile is refused or harmless. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/protocol.h"
#include "runtime/vocabulary/controls.h"
#include "tests/fuzz/frames.h"

enum { STEPS = 300, LINK = 16 };

struct scene {
    struct input *input;
    struct writer writer;
    struct seen seen;
    uint64_t now_us, seq;
    bool is_full, is_over;
    unsigned downs;
    struct link_server *server;
    struct link_client *client;
};

static void feed(struct scene *scene, const void *bytes, size_t length)
{
    uint8_t *exact = malloc(length ? length : 1); /* what is read past the end is seen */
    if (!exact) abort();
    memcpy(exact, bytes, length);
    size_t chunk = input_byte(scene->input) % 4 ? length : (size_t)1 + input_byte(scene->input);
    for (size_t at = 0; at < length; at += chunk) {
        size_t part = length - at < chunk ? length - at : chunk;
        bool good = scene->server ? link_server_feed(scene->server, exact + at, part, scene->now_us)
                                  : link_client_feed(scene->client, exact + at, part, scene->now_us);
        MUST(good || scene->downs > 0);
    }
    free(exact);
}

static void feed_raw(struct scene *scene)
{
    size_t length;
    const uint8_t *bytes = input_take(scene->input, input_byte(scene->input), &length);
    feed(scene, bytes, length);
}

static void feed_made(struct scene *scene, unsigned kind, uint64_t seq)
{
    struct span frame = frame_made(scene->input, &scene->writer, kind, LINK, seq, &scene->seen);
    feed(scene, frame.bytes, frame.length);
}

/* Everything that waits to be sent, as a socket takes it. */
static void take_output(struct scene *scene)
{
    struct span output = scene->server ? link_server_output(scene->server) : link_client_output(scene->client);
    frames_check(output, &scene->seen);
    if (scene->server)
        link_server_sent(scene->server, output.length);
    else
        link_client_sent(scene->client, output.length);
}

/* --- The core's end --- */

static bool on_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                     struct error *error)
{
    struct scene *scene = self;
    *welcome = (struct link_welcome){.link = LINK, .epoch = 3, .last_seq = scene->seq, .last_conn = 77};
    *why = refusal_name;
    if (span_is(message_text(hello, Hello_name), "paul")) {
        error_set(error, ERROR_UNKNOWN, "no adapter is called so");
        return false;
    }
    return true;
}

static void on_server_up(void *self)
{
    struct scene *scene = self;
    struct writer writer;
    writer_init(&writer);
    frames_check(link_server_up_event(scene->server, &writer), &scene->seen);
    writer_free(&writer);
}

static bool on_event(void *self, const struct message *event)
{
    struct scene *scene = self;
    if (scene->is_full) return false;
    MUST(scene->downs == 0);
    MUST(message_u(event, ENVELOPE_source) == LINK);
    MUST(message_u(event, ENVELOPE_seq) == scene->seq + 1);
    scene->seq++;
    return true;
}

static void on_down(void *self, enum down_reason reason, const char *why)
{
    struct scene *scene = self;
    (void)reason;
    MUST(why[0] != 0);
    MUST(++scene->downs == 1);
}

static void new_server(struct scene *scene)
{
    const struct link_server_calls calls = {scene, on_hello, on_server_up, on_event, on_down, NULL};
    link_server_free(scene->server);
    scene->downs = 0;
    scene->server = link_server_new(&calls, scene->now_us);
    writer_clear(&scene->writer);
    writer_begin(&scene->writer, KIND_Hello);
    writer_u(&scene->writer, Hello_protocol, PROTOCOL_VERSION);
    writer_u(&scene->writer, Hello_vocabulary, VOCABULARY_VERSION);
    writer_text(&scene->writer, Hello_name, "cti");
    writer_u(&scene->writer, Hello_instance, 5);
    struct span hello = writer_end(&scene->writer);
    if (input_byte(scene->input) % 4) feed(scene, hello.bytes, hello.length);
}

static void server_step(struct scene *scene)
{
    struct input *input = scene->input;
    struct link_allowance allowance;
    struct link_counts counts;
    switch (input_byte(input) % 16) {
    case 0:
        feed_raw(scene);
        break;
    case 1:
        feed_made(scene, input_byte(input) % 2 ? frame_kind_effect(input) : frame_kind_event(input), 0);
        break;
    case 2:
    case 3:
        feed_made(scene, frame_kind_control(input), 0);
        break;
    case 4:
        scene->now_us += input_number(input, 3);
        link_server_tick(scene->server, scene->now_us);
        break;
    case 5:
        link_server_committed(scene->server, scene->seq - input_below(input, 4) % (scene->seq + 1));
        break;
    case 6:
        scene->is_full = !scene->is_full;
        if (!scene->is_full && link_server_blocked(scene->server)) link_server_resume(scene->server, scene->now_us);
        break;
    case 7:
        link_server_effect(scene->server,
                           frame_made(input, &scene->writer, frame_kind_effect(input), LINK, 1, &scene->seen));
        break;
    case 8:
        allowance = (struct link_allowance){.arrivals = input_byte(input), .gate = (enum gate)(input_byte(input) % 3)};
        link_server_allow(scene->server, &allowance);
        break;
    case 9:
        take_output(scene);
        break;
    case 10:
        if (input_byte(input) % 2)
            link_server_close(scene->server, (enum down_reason)(1 + input_byte(input) % 4));
        else
            link_server_lost(scene->server, "cut");
        new_server(scene);
        break;
    default:
        feed_made(scene, frame_kind_event(input), scene->seq + 1);
    }
    link_server_counts(scene->server, &counts);
}

/* --- The adapter's end --- */

static void nothing(void *self)
{
    (void)self;
}
static void on_client_down(void *self, enum down_reason reason, const char *why)
{
    struct scene *scene = self;
    (void)reason;
    MUST(why[0] != 0);
    scene->downs++;
}
static void on_refused(void *self, enum refusal why, struct span text)
{
    (void)self, (void)why, (void)text;
}
static void on_effect(void *self, const struct message *effect)
{
    struct scene *scene = self;
    seen_add(&scene->seen, effect);
}
static void on_committed(void *self, uint64_t posted)
{
    (void)self, (void)posted;
}

static void reconnect(struct scene *scene)
{
    link_client_lost(scene->client, "cut");
    scene->downs = 0;
    scene->seq = 0;
    link_client_connected(scene->client, scene->now_us);
    writer_clear(&scene->writer);
    writer_begin(&scene->writer, KIND_Welcome);
    writer_u(&scene->writer, Welcome_protocol, PROTOCOL_VERSION);
    writer_u(&scene->writer, Welcome_vocabulary, VOCABULARY_VERSION);
    writer_u(&scene->writer, Welcome_link, LINK);
    writer_u(&scene->writer, Welcome_epoch, 3);
    writer_u(&scene->writer, Welcome_last_seq, input_byte(scene->input));
    writer_u(&scene->writer, Welcome_credit_continue, 10);
    writer_u(&scene->writer, Welcome_credit_arrive, 10);
    writer_u(&scene->writer, Welcome_credit_bytes, 100000);
    struct span welcome = writer_end(&scene->writer);
    if (input_byte(scene->input) % 4) feed(scene, welcome.bytes, welcome.length);
}

static void client_step(struct scene *scene)
{
    struct input *input = scene->input;
    struct span frame;
    switch (input_byte(input) % 16) {
    case 0:
        feed_raw(scene);
        break;
    case 1:
        feed_made(scene, input_byte(input) % 2 ? frame_kind_effect(input) : frame_kind_event(input), 0);
        break;
    case 2:
    case 3:
    case 4:
        feed_made(scene, frame_kind_control(input), 0);
        break;
    case 5:
        scene->now_us += input_number(input, 3);
        link_client_tick(scene->client, scene->now_us);
        link_client_due(scene->client);
        break;
    case 6:
    case 7:
    case 8:
        frame = frame_made(input, &scene->writer, frame_kind_event(input), LINK, 1, &scene->seen);
        link_client_post(scene->client, frame, input_byte(input) % 2);
        break;
    case 9:
        take_output(scene);
        break;
    case 10:
        if (input_byte(input) % 2) link_client_close(scene->client, (enum down_reason)(1 + input_byte(input) % 4));
        reconnect(scene);
        break;
    case 11:
        link_client_busy(scene->client, input_byte(input) % 2);
        link_client_defaulted(scene->client);
        break;
    default:
        feed_made(scene, frame_kind_effect(input), ++scene->seq);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const unsigned media[] = {media_voice, media_none};
    static const struct link_client_options options = {.name = "cti", .instance = 5, .media = media};
    struct input input = {bytes, length, 0};
    struct scene scene = {.input = &input, .now_us = 1000};
    const struct link_client_calls calls = {&scene,       nothing, on_client_down, on_refused, on_effect,
                                            on_committed, nothing, NULL,           NULL};
    bool is_server = input_byte(&input) % 2;
    writer_init(&scene.writer);
    if (is_server)
        new_server(&scene);
    else
        reconnect((scene.client = link_client_new(&options, &calls), &scene));
    for (int step = 0; step < STEPS && !input_ended(&input); step++)
        is_server ? server_step(&scene) : client_step(&scene);
    take_output(&scene);
    link_server_free(scene.server);
    link_client_free(scene.client);
    writer_free(&scene.writer);
    return 0;
}
