/* tests/fuzz/fuzz_store.c - Any bytes as what people send: addresses have one form, which is its own; texts are kept as
 * texts, found and shown; a standard response is filled in, and nothing of a value is a field.
 *
 * The first byte says what the rest is taken for: an address of a kind, a response with a value for its fields, or all
 * texts of an interaction, which go into a store in memory's file system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "tests/fuzz/fuzz.h"

static struct store *store;
static char file[64];

static void ended(void)
{
    char name[80];
    store_close(store);
    for (int i = 0; i < 3; i++) {
        static const char *const behind[] = {"", "-wal", "-shm"};
        snprintf(name, sizeof name, "%s%s", file, behind[i]);
        unlink(name);
    }
}

static void opened(void)
{
    struct error error;
    char target[80];
    if (store) return;
    snprintf(file, sizeof file, "%s/gcx-fuzz-store-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    int made = mkstemp(file);
    MUST(made >= 0);
    close(made);
    snprintf(target, sizeof target, "sqlite:%s", file);
    store = store_open(target, NULL, &error);
    MUST(store);
    atexit(ended);
}

static void address(unsigned kind, struct span text)
{
    char first[STORE_ADDRESS_MAX + 1], again[STORE_ADDRESS_MAX + 1];
    struct error error;
    if (!store_address(kind, text, "49", first, &error)) return;
    MUST(bytes_are_utf8(span_of(first)) && first[0]);
    MUST(store_address(kind, span_of(first), "49", again, &error) && strcmp(first, again) == 0);
}

static bool value_of(void *self, struct span name, struct span *value)
{
    *value = *(struct span *)self;
    return !span_is(name, "none");
}

static void response(struct input *input)
{
    size_t length;
    struct out out = {0};
    enum fill_place place = (enum fill_place)input_below(input, FILL_MARKUP + 1);
    const uint8_t *bytes = input_take(input, 16, &length);
    struct span value = {bytes, (uint32_t)length};
    bytes = input_take(input, SIZE_MAX, &length);
    fill_fill(&out, (struct span){bytes, (uint32_t)length}, place, value_of, &value);
    MUST(out.bytes && strlen(out.bytes) <= out.length);
    if (place == FILL_MARKUP && length > 0 && !memchr(bytes, '<', length)) MUST(!memchr(out.bytes, '<', out.length));
    out_free(&out);
}

static void line(void *self, const struct store_line *line)
{
    ++*(unsigned *)self;
    MUST(bytes_are_utf8(line->text) && bytes_are_utf8(line->sender) && bytes_are_utf8(line->subject));
}

static void shown(void *self, const struct store_shown *shown)
{
    ++*(unsigned *)self;
    MUST(bytes_are_utf8(shown->subject) && bytes_are_utf8(shown->address) && bytes_are_utf8(shown->external_id));
}

static struct span taken(struct input *input)
{
    size_t length;
    const uint8_t *bytes = input_take(input, input_byte(input), &length);
    return (struct span){bytes, (uint32_t)length};
}

static void interaction(struct input *input)
{
    struct error error;
    struct store_key key, again;
    struct store_page page = {.limit = 10};
    unsigned lines = 0, found = 0;
    int64_t n;
    struct span id = taken(input), name = taken(input), words = taken(input);
    struct store_part part = {.role = "attachment", .name = taken(input), .type = taken(input), .bytes = taken(input)};
    struct store_arrival arrival = {.tenant = "",
                                    .media = "email",
                                    .external_id = id,
                                    .kind = STORE_email,
                                    .address = taken(input),
                                    .name = name,
                                    .references = &words,
                                    .reference_count = 1};
    arrival.message = (struct store_message){
        .msg_id = id, .sender = name, .subject = taken(input), .text = words, .parts = &part, .part_count = 1};
    opened();
    if (!store_put(store, &arrival, &key, &error)) {
        MUST(id.length == 0 && error.code == ERROR_INPUT);
        return;
    }
    MUST(store_put(store, &arrival, &again, &error) && again.known && again.interaction == key.interaction);
    MUST(store_say(store, key.interaction, &arrival.message, &n, &error) && n == 1);
    MUST(store_transcript(store, key.interaction, 0, 10, true, line, &lines, &error) && lines == 1);
    MUST(store_interaction(store, key.interaction, shown, &found, &error) && found == 1);
    MUST(store_search(store, "", taken(input), &page, shown, &found, &error));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {bytes, length, 0};
    unsigned what = input_byte(&input) % (STORE_KINDS + 2);
    if (what < STORE_KINDS)
        address(what, (struct span){bytes + 1, (uint32_t)(length > 0 ? length - 1 : 0)});
    else if (what == STORE_KINDS)
        response(&input);
    else
        interaction(&input);
    return 0;
}
