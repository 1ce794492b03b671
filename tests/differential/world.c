/* tests/differential/world.c - What is outside of a program, made of its seed: answers, settings, what came with the
 * call. */
#include "config.h"
#include <stdlib.h>
#include <string.h>

#include "compiler/language/steps.h"
#include "compiler/language/types.h"
#include "tests/differential/world.h"
#include "tests/fuzz/fuzz.h"
#include "vm/question.h"

const int64_t world_now_us = INT64_C(1772445600000000); /* 2026-03-02 10:00 UTC */

uint64_t world_mixed(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

struct world_answer world_answer(uint64_t seed, unsigned wait, bool gives)
{
    static const char *const texts[] = {"4711", "", "1", "#0*", "a text that is longer than seven", "+33145550101"};
    uint64_t drawn = world_mixed(seed + wait * 0x9e3779b97f4a7c15);
    unsigned which = (unsigned)(drawn >> 8) & 0xffff;
    return (struct world_answer){.fails = drawn % 4 == 3,
                                 .gone = drawn % 64 == 5,
                                 .signals = drawn % 64 == 9 || drawn % 64 == 17,
                                 .transferred = drawn % 64 == 22,
                                 .main_released = drawn % 64 == 30,
                                 .which = which,
                                 .rounds = (unsigned)(drawn >> 32) % 3,
                                 .text = gives ? texts[which % 6] : NULL};
}

struct stream world_stream(uint64_t seed, unsigned wait)
{
    return (struct stream){world_mixed(seed ^ (wait + 3) * 0x9fb21c651e98df25)};
}

unsigned world_below(struct stream *stream, unsigned limit)
{
    return (unsigned)(world_mixed(stream->state += 0x9e3779b97f4a7c15) % limit);
}

int64_t world_number(struct stream *stream)
{
    static const int64_t numbers[] = {0, 1, -1, 7, 100, 90000, 3600000000, 12345678};
    return numbers[world_below(stream, 8)];
}

double world_real(struct stream *stream)
{
    static const double numbers[] = {0.0, 0.5, -2.25, 1e12};
    return numbers[world_below(stream, 4)];
}

const char *world_text(struct stream *stream)
{
    static const char *const texts[] = {"4711",        "", "gold", "gr\303\274n", "a text that is longer than seven",
                                        "+33145550101"};
    return texts[world_below(stream, 6)];
}

unsigned world_pick(uint64_t seed, unsigned wait, unsigned count)
{
    return (unsigned)(world_mixed(seed ^ (wait + 1) * 0xd1342543de82ef95) % count);
}

int64_t world_level(const char *skill, size_t length)
{
    return length ? (int64_t)((length * 7 + (unsigned char)skill[0]) % 11) : 0;
}

uint16_t world_exit(const char *step, unsigned which)
{
    struct arena *arena = arena_new();
    const struct enumeration *codes = step_enumeration_named(arena, "code");
    const char *exits[STEP_EXITS_MAX];
    /* no program that is made here has the clause `reply`, or `abort` */
    const unsigned clauses = EXITS_ALL & ~(EXITS_OF(EXIT_REPLY) | EXITS_OF(EXIT_ABORT));
    uint32_t count = step_exits(step_row_named(step), clauses, exits), code = CODE_TIMEOUT;
    which %= count + 1;
    for (uint32_t i = 0; which > 0 && i < codes->count; i++)
        if (!strcmp(codes->words[i], exits[which - 1])) code = codes->numbers[i];
    arena_free(arena);
    return (uint16_t)code;
}

bool world_setting(uint64_t seed, unsigned wait, const char *name, size_t length, int64_t *number)
{
    static const int64_t limits[] = {0, 9, -3, INT64_MAX}, parts[] = {0, 500000, 1000000, 123400},
                         patiences[] = {1, 1000000, 90000000, 86400000000};
    uint64_t drawn = world_mixed(seed ^ (wait + 7) * 0x9e3779b97f4a7c15 ^ length << 60);
    const int64_t *from = length == 5 && !memcmp(name, "limit", 5)      ? limits
                          : length == 4 && !memcmp(name, "part", 4)     ? parts
                          : length == 8 && !memcmp(name, "patience", 8) ? patiences
                                                                        : NULL;
    if (!from || drawn % 3 == 0) return false;
    *number = from[drawn >> 32 & 3];
    return true;
}

/* Even: a directory's table is in force. */
static uint64_t table_in_force(uint64_t seed, unsigned wait, const char *table, size_t length)
{
    return world_mixed(seed ^ (wait / 3 + 11) * 0xd6e8feb86659fd93 ^ length << 50 ^ (uint8_t)table[0]);
}

uint32_t world_version(uint64_t seed, unsigned wait, const char *table, size_t length)
{
    return table_in_force(seed, wait, table, length) % 2 ? 0 : wait / 3 + 1;
}

uint32_t world_rows(uint32_t version)
{
    return version * 3 % 5;
}

const char *world_row_key(uint32_t row)
{
    static const char *const keys[] = {"", "a key of many bytes", "gr\303\274n", "k"};
    return keys[row % 4];
}

struct stream world_row_stream(uint64_t seed, uint32_t version, uint32_t row)
{
    return world_stream(seed, 1000000 + version * 8 + row);
}

enum world_row world_row(uint64_t seed, unsigned wait, const char *table, size_t length, const char *key,
                         size_t key_length)
{
    uint64_t in_force = table_in_force(seed, wait, table, length);
    uint64_t of_key = world_mixed(in_force + key_length * 31 + (key_length ? (uint8_t)key[0] : 0));
    return in_force % 2 ? ROW_WRITTEN : of_key % 3 ? ROW_MADE : ROW_NONE; /* a table is in force as a whole */
}

const char *const world_agents[3] = {"marie", "paul", "gr\303\274n"};
const char *const world_dns[4] = {"7001", "", "+33145550101", "4711"};

int64_t world_agent(const char *name, size_t length)
{
    for (int64_t i = 0; i < 3; i++)
        if (strlen(world_agents[i]) == length && memcmp(world_agents[i], name, length) == 0) return i;
    return -1;
}

int64_t world_asked(uint64_t seed, unsigned wait, unsigned question, const char *of, size_t length, size_t more)
{
    uint64_t drawn = world_mixed(seed ^ (wait + 13) * 0xa0761d6478bd642f ^ (uint64_t)question << 48);
    drawn = world_mixed(drawn + length * 131 + more * 17 + (length && *of ? (uint8_t)of[length - 1] : 0)) >> 8;
    switch (question) {
    case QUESTION_agent_state:
        return (int64_t)(drawn % 5);
    case QUESTION_agent_level:
        return (int64_t)(drawn % 10);
    case QUESTION_party_count:
    case QUESTION_party_dn:
        return (int64_t)(drawn % 4);
    case QUESTION_party_role:
        return (int64_t)(drawn % 6);
    case QUESTION_party_agent:
    case QUESTION_target_agent:
        return (int64_t)(drawn % 4) - 1;
    case QUESTION_ewt_there:
    case QUESTION_ewt_low_there:
    case QUESTION_ewt_high_there:
        return (int64_t)(drawn % 90) * 1000000;
    case QUESTION_position_there:
        return (int64_t)(drawn % 20) + 1;
    default:
        return (int64_t)(drawn % 2);
    }
}

struct stream world_main(uint64_t seed, unsigned wait, bool key, unsigned number)
{
    return (struct stream){
        world_mixed(seed ^ (wait + 29) * 0x8ebc6af09c88c6e3 ^ (uint64_t)number << 40 ^ (uint64_t)key << 60)};
}

/* The data that came with the call: a tree, with the oddities of senders: names that come twice, empty ones, bytes that
 * are no text. */

static const struct datum customer[] = {
    {.key = "name", .tag = DATUM_TEXT, .text = "Dupont"},
    {.key = "vip", .tag = DATUM_BOOL, .number = 1},
    {.key = "since", .tag = DATUM_TIME, .number = INT64_C(1700000000123456)},
    {.key = "name", .tag = DATUM_TEXT, .text = "a second one of that name"},
    {.key = "", .tag = DATUM_INT, .number = -1},
};
static const struct datum lines[] = {
    {.key = "", .tag = DATUM_TEXT, .text = "pen"},
    {.key = "", .tag = DATUM_TEXT, .text = "ink, and much more"},
    {.key = "", .tag = DATUM_INT, .number = INT64_MAX},
    {.key = "", .tag = DATUM_NONE},
    {.key = "z", .tag = DATUM_INT, .number = INT64_MIN + 1},
    {.key = "b", .tag = DATUM_FLOAT, .real = -0.5},
};
static const struct datum order[] = {
    {.key = "id", .tag = DATUM_INT, .number = 7},
    {.key = "customer", .tag = DATUM_LIST, .items = customer, .count = 5},
    {.key = "lines", .tag = DATUM_LIST, .items = lines, .count = 6},
    {.key = "none", .tag = DATUM_LIST},
    {.key = "4711", .tag = DATUM_TEXT, .text = "4711"},
};
static const struct datum data[] = {
    {.key = "order", .tag = DATUM_LIST, .items = order, .count = 5},
    {.key = "4711", .tag = DATUM_INT, .number = 4711},
    {.key = "a", .tag = DATUM_LIST, .items = lines, .count = 6},
    {.key = "gold", .tag = DATUM_FLOAT, .real = 1e300},
    {.key = "empty", .tag = DATUM_LIST},
};

const struct datum *world_data(unsigned *count)
{
    *count = sizeof data / sizeof *data;
    return data;
}

static void put_varint(FILE *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7) fputc((int)(number & 0x7f) | 0x80, out);
    fputc((int)number, out);
}

static void put_bytes(FILE *out, const char *bytes, size_t length)
{
    put_varint(out, length);
    fwrite(bytes, 1, length, out);
}

char *world_packed(const struct datum *items, unsigned count, size_t *length)
{
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, length);
    MUST(out);
    for (unsigned i = 0; i < count; i++) {
        const struct datum *item = &items[i];
        put_bytes(out, item->key, strlen(item->key));
        fputc((int)item->tag, out);
        if (item->tag == DATUM_TEXT) put_bytes(out, item->text, strlen(item->text));
        if (item->tag == DATUM_BOOL) put_varint(out, (uint64_t)item->number);
        if (item->tag == DATUM_INT || item->tag == DATUM_TIME)
            put_varint(out, (uint64_t)item->number << 1 ^ (item->number < 0 ? UINT64_MAX : 0));
        if (item->tag == DATUM_FLOAT) fwrite(&item->real, 1, 8, out);
        if (item->tag != DATUM_LIST) continue;
        size_t inner_length;
        char *inner = world_packed(item->items, item->count, &inner_length);
        put_bytes(out, inner, inner_length);
        free(inner);
    }
    fclose(out);
    return bytes;
}
