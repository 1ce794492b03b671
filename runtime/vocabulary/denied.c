/* runtime/vocabulary/denied.c - Decides by contract.def which requests adapters refuse.
 *
 * The decisions are functions of texts and times only, and adapters and the simulated world call the same functions.
 * So a test shows the refusals that a customer would cause. A refusal has a number (enum contract_why), a sentence,
 * and per adapter the exit of the step that fails by it. */
#include "runtime/vocabulary/denied.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/zone.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/kv.h"

enum { DENIED_MACHINE_US = 600000000, DAY_S = 86400, ZONE_NAME_MAX = 64 };

const char *denied_words(enum contract_why why)
{
    static const char *const words[WHY_COUNT] = {
#define REASON(what, words) [WHY_##what] = words,
#include "runtime/vocabulary/contract.def"
    };
    assert(why > WHY_none && why < WHY_COUNT);
    return words[why];
}

enum code denied_exit(const char *adapter, enum contract_why why)
{
    static const struct {
        const char *adapter;
        enum contract_why why;
        enum code exit;
    } rows[] = {
#define REFUSES(name, what, exit) {#name, WHY_##what, code_##exit},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].why == why && strcmp(rows[i].adapter, adapter) == 0) return rows[i].exit;
    return code_ok;
}

/* Returns the length of a local part in quotes, which may contain blanks and special characters; 0: it is not in
 * quotes. A comma before a blank separates two addresses of a list, even within quotes. */
static uint32_t denied_quoted(struct span address)
{
    uint32_t at = 1;
    if (address.length < 4 || address.bytes[0] != '"') return 0;
    while (at < address.length && address.bytes[at] >= ' ' && !strchr("<>\"\\\177", address.bytes[at]) &&
           (address.bytes[at] != ' ' || address.bytes[at - 1] != ','))
        at++;
    return at > 1 && at + 1 < address.length && address.bytes[at] == '"' && address.bytes[at + 1] == '@' ? at + 1 : 0;
}

/* Refuses the characters that separate addresses and headers, so that one address stays one. */
bool denied_mail_good(struct span address)
{
    uint32_t sign = 0;
    if (address.length > DENIED_MAIL_MAX || !bytes_are_utf8(address)) return false;
    for (uint32_t at = denied_quoted(address); at < address.length; at++) {
        uint8_t byte = address.bytes[at];
        if (byte <= ' ' || byte == 0x7f || strchr("<>\",;\\()", byte)) return false;
        if (byte == '@') sign = at;
    }
    return sign > 0 && sign + 1 < address.length;
}

static bool denied_same(const char *ours, struct span address)
{
    return address.length > 0 && strlen(ours) == address.length &&
           strncasecmp(ours, (const char *)address.bytes, address.length) == 0;
}

static struct span denied_behind(struct span address, uint32_t count)
{
    return (struct span){address.bytes + count, address.length - count};
}

/* `ours` may be an address, a number with or without its plus sign, or "*@domain" for all addresses of a domain. */
bool denied_is_ours(const char *ours, struct span address)
{
    if (ours[0] == '*' && ours[1] == '@') {
        uint32_t sign = address.length;
        while (sign > 0 && address.bytes[sign - 1] != '@') sign--;
        return sign > 0 && denied_same(ours + 2, denied_behind(address, sign));
    }
    if (*ours == '+') ours++;
    if (address.length > 0 && *address.bytes == '+') address = denied_behind(address, 1);
    return denied_same(ours, address);
}

/* True: the text is one of the words, which are separated by blanks. */
static bool denied_word(struct span word, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, " ");
        if (word.length == length && strncasecmp((const char *)word.bytes, words, length) == 0) return true;
        words += length + (words[length] == ' ');
    }
    return false;
}

static struct span denied_local(struct span address)
{
    uint32_t at = 0;
    while (at < address.length && address.bytes[at] != '@') at++;
    return (struct span){address.bytes, at < address.length ? at : 0};
}

#define DENIED_REPORTERS "mailer-daemon postmaster bounce"

/* True: nobody reads mails to this address. An answer to such an address would come back, or start a loop. */
bool denied_is_mailer(struct span address)
{
    struct span local = denied_local(address);
    return local.length > 0 && denied_word(local, DENIED_REPORTERS " noreply no-reply donotreply do-not-reply nobody");
}

/* Refuses to answer the mail of a machine, and to forward one that may come back: a report, a mail of ours, a mail that
 * `to` has written. */
enum contract_why denied_machine_wrote(struct span automatic, struct span from, struct span to)
{
    if (automatic.length == 0 && !denied_is_mailer(from)) return WHY_none;
    bool same = from.length == to.length && from.length > 0 &&
                strncasecmp((const char *)from.bytes, (const char *)to.bytes, to.length) == 0;
    bool returns = same || denied_word(automatic, "report null_sender own_address") ||
                   denied_word(denied_local(from), DENIED_REPORTERS);
    return to.length == 0 || returns ? WHY_machine : WHY_none;
}

bool denied_machine_old(const struct denied_machine *machine, uint64_t now_us)
{
    return now_us - machine->since_us > DENIED_MACHINE_US;
}

/* Counts a message within a window of ten minutes, which begins with the first message after the last window was
 * over. */
bool denied_machine_often(struct denied_machine *machine, uint64_t most, uint64_t now_us)
{
    if (machine->count == 0 || denied_machine_old(machine, now_us)) *machine = (struct denied_machine){now_us, 0};
    return ++machine->count > most;
}

bool denied_is_column(struct span name)
{
    static const char *const columns[] = {
#define ADDED(column) #column,
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (span_is(name, columns[i])) return true;
    return false;
}

enum contract_why denied_window(uint64_t window_s, int64_t last_us, int64_t now_us)
{
    return window_s != 0 && now_us - last_us > (int64_t)window_s * 1000000 ? WHY_window : WHY_none;
}

/* Two digits. */
static bool denied_pair(struct span text, uint32_t at, int64_t *value)
{
    if (at + 2 > text.length) return false;
    unsigned tens = text.bytes[at] - '0', ones = text.bytes[at + 1] - '0';
    *value = (int64_t)tens * 10 + ones;
    return tens <= 9 && ones <= 9;
}

static struct span denied_trimmed(struct span text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) text = denied_behind(text, 1);
    while (text.length > 0 && (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
        text.length--;
    return text;
}

/* Accepts "08:30" and "08:30:00", up to "24:00". */
bool denied_clock(struct span text, int64_t *seconds)
{
    int64_t hours, minutes, rest = 0;
    text = denied_trimmed(text);
    bool good = (text.length == 5 || text.length == 8) && denied_pair(text, 0, &hours) && text.bytes[2] == ':' &&
                denied_pair(text, 3, &minutes);
    if (good && text.length == 8) good = text.bytes[5] == ':' && denied_pair(text, 6, &rest);
    if (!good || minutes > 59 || rest > 59) return false;
    *seconds = hours * 3600 + minutes * 60 + rest;
    return *seconds <= DAY_S;
}

/* Checks the text of a column, if the column is the zone or a time of the daily windows. Other columns may have any
 * text. */
enum contract_why denied_column(struct span column, struct span text)
{
    int64_t seconds;
    char name[ZONE_NAME_MAX + 1];
    bool from = span_is(column, "day_from") || span_is(column, "again_from");
    bool till = span_is(column, "day_till") || span_is(column, "again_till");
    if (text.length > 0 && (from || till))
        return denied_clock(text, &seconds) && (till || seconds < DAY_S) ? WHY_none : WHY_hours;
    text = denied_trimmed(text);
    if (text.length == 0 || !span_is(column, "zone")) return WHY_none;
    return text_set_span(name, sizeof name, text) && zone_exists(name) ? WHY_none : WHY_zone;
}

/* Checks the text of a pair, or, for a number, its digits as they are written. */
static enum contract_why denied_written(const struct kv_pair *pair)
{
    char digits[24];
    if (pair->value.tag == KV_TEXT) return denied_column(pair->key, pair->value.span);
    snprintf(digits, sizeof digits, "%lld", (long long)pair->value.word);
    return denied_column(pair->key, span_of(digits));
}

bool denied_is_figure(struct span text)
{
    uint32_t at = text.length > 0 && text.bytes[0] == '-', digits = 0, points = 0;
    if (text.length > 20) return false;
    for (; at < text.length; at++)
        if (text.bytes[at] >= '0' && text.bytes[at] <= '9')
            digits++;
        else if (text.bytes[at] == '.' && digits > 0 && at + 1 < text.length)
            points++;
        else
            return false;
    return digits > 0 && points <= 1;
}

/* Reads a time of the day from the fields; its form was checked before. Returns false if the fields do not have it. */
static bool denied_time(struct span fields, const char *name, int64_t *seconds)
{
    struct kv_value value;
    bool there = kv_get(fields, name, &value) && value.tag == KV_TEXT && value.span.length > 0;
    return there && denied_clock(value.span, seconds);
}

/* True: the windows are wrong: one begins when it ends, or the second one lacks one of its times. */
static bool denied_windows(struct span fields)
{
    int64_t from = 0, till = DAY_S, again_from = 0, again_till = 0;
    (void)denied_time(fields, "day_from", &from);
    (void)denied_time(fields, "day_till", &till);
    bool begins = denied_time(fields, "again_from", &again_from);
    bool ends = denied_time(fields, "again_till", &again_till);
    return from == till || begins != ends || (begins && again_from == again_till);
}

enum contract_why denied_fields(struct span fields)
{
    struct kv_pair pair;
    size_t count = 0;
    for (uint32_t at = 0; kv_next(fields, &at, &pair);) {
        if (pair.value.tag == KV_NONE) continue;
        if (pair.value.tag != KV_TEXT && pair.value.tag != KV_INT) return WHY_kind;
        if (pair.key.length > LIMIT_dialer_NAME) return WHY_name;
        if (pair.value.tag == KV_TEXT && pair.value.span.length > LIMIT_dialer_FIELD) return WHY_value;
        enum contract_why why = denied_written(&pair);
        if (why != WHY_none) return why;
        if (!denied_is_column(pair.key) && ++count > LIMIT_dialer_FIELDS) return WHY_fields;
    }
    return denied_windows(fields) ? WHY_hours : WHY_none;
}
