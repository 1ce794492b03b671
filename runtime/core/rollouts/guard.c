/* runtime/core/rollouts/guard.c - Reads and writes guards.
 *
 *     wait:p90   :  +5s          sl   / 20s   :  -2pt
 *     the name      the margin   name   seconds  margin
 *
 *     site:abandoned  :  2%..5%        an interval for all arrivals of the point
 */
#include "runtime/core/rollouts/guard.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/evidence/evidence.h"

static const struct guard_row {
    const char *name;
    enum rollout_guard_family family;
    uint32_t seconds, margin;
    unsigned quantile;
    bool grows;
} guard_rows[ROLLOUT_GUARDS] = {
#define HARD(id, name, doc)                         {name, ROLLOUT_HARD, 0, 0, 0, true},
#define RATE(id, name, seconds, grows, margin, doc) {name, ROLLOUT_RATE, seconds, margin, 0, grows},
#define TIME(id, name, quantile, margin, doc)       {name, ROLLOUT_TIME, 0, margin, quantile, true},
#include "runtime/core/rollouts/rollout_guards.def"
};

enum { GUARD_NUMBER_MAX = 86400, GUARD_RATE_MAX = 5000 };

const char *rollout_guard_name(unsigned kind)
{
    assert(kind < ROLLOUT_GUARDS);
    return guard_rows[kind].name;
}

enum rollout_guard_family rollout_guard_family(unsigned kind)
{
    assert(kind < ROLLOUT_GUARDS);
    return guard_rows[kind].family;
}

bool rollout_guard_grows(unsigned kind)
{
    assert(kind < ROLLOUT_GUARDS);
    return guard_rows[kind].grows;
}

unsigned rollout_guard_quantile(unsigned kind)
{
    assert(kind < ROLLOUT_GUARDS);
    return guard_rows[kind].quantile;
}

const char *rollout_guard_words(unsigned says)
{
    static const char *const words[] = {
        [EVIDENCE_TOO_LITTLE] = "too little", [EVIDENCE_NO_WORSE] = "no worse", [EVIDENCE_WORSE] = "worse"};
    assert(says < sizeof words / sizeof *words);
    return words[says];
}

/* Takes the text from the beginning of `rest`. */
static bool guard_skip(struct span *rest, const char *text)
{
    size_t length = strlen(text);
    if (rest->length < length || memcmp(rest->bytes, text, length) != 0) return false;
    rest->bytes += length;
    rest->length -= (uint32_t)length;
    return true;
}

/* Takes a number with at most two digits behind its point, in hundredths. */
static bool guard_number(struct span *rest, uint32_t *hundredths)
{
    uint32_t at = 0, whole = 0, part = 0, digits = 0;
    for (; at < rest->length && rest->bytes[at] >= '0' && rest->bytes[at] <= '9'; at++) {
        whole = whole * 10 + (uint32_t)(rest->bytes[at] - '0');
        if (whole > GUARD_NUMBER_MAX) return false;
    }
    if (at == 0) return false;
    if (at < rest->length && rest->bytes[at] == '.') {
        for (at++; at < rest->length && rest->bytes[at] >= '0' && rest->bytes[at] <= '9'; at++, digits++)
            part = part * 10 + (uint32_t)(rest->bytes[at] - '0');
        if (digits == 0 || digits > 2) return false;
        if (digits == 1) part *= 10;
    }
    rest->bytes += at;
    rest->length -= at;
    *hundredths = whole * 100 + part;
    return true;
}

static unsigned guard_named(struct span *rest)
{
    for (unsigned kind = 0; kind < ROLLOUT_GUARDS; kind++) {
        struct span after = *rest;
        if (!guard_skip(&after, guard_rows[kind].name)) continue;
        if (after.length != 0 && after.bytes[0] != ':' && after.bytes[0] != '/') continue;
        *rest = after;
        return kind;
    }
    return ROLLOUT_GUARDS;
}

static const char *guard_margin_fault(const struct guard_row *row, struct span rest, struct rollout_guard *guard)
{
    uint32_t number;
    bool plus = guard_skip(&rest, "+"), minus = !plus && guard_skip(&rest, "-");
    if (row->grows ? !plus : !minus)
        return row->grows ? "this figure gets worse when it rises: its margin begins with +, as in abandoned:+1pt"
                          : "this figure gets worse when it falls: its margin begins with -, as in sl:-2pt";
    const char *unit = row->family == ROLLOUT_RATE ? "pt" : "s";
    if (!guard_number(&rest, &number) || !guard_skip(&rest, unit) || rest.length != 0)
        return row->family == ROLLOUT_RATE ? "the margin of a share is in points, as in +1pt or +0.5pt"
                                           : "the margin of a time is in seconds, as in +5s";
    guard->margin = row->family == ROLLOUT_RATE ? number : number * 10;
    if (guard->margin == 0) return "without a margin no figures can ever show that a version is no worse";
    if (row->family == ROLLOUT_RATE && guard->margin > GUARD_RATE_MAX) return "a margin is at most 50 points";
    return NULL;
}

/* Reads the interval of a guard of the whole site. */
static const char *guard_interval_fault(struct span rest, struct rollout_guard *guard)
{
    if (!guard_skip(&rest, ":") || !guard_number(&rest, &guard->low) || !guard_skip(&rest, "%..") ||
        !guard_number(&rest, &guard->margin) || !guard_skip(&rest, "%") || rest.length != 0)
        return "a guard of the whole site is a share and its interval, as in abandoned:2%..5%";
    if (guard->margin > 10000) return "a share is at most 100 %";
    if (guard->low == 0 && guard->margin == 10000) return "every share is between 0 and 100 %";
    return guard->low < guard->margin ? NULL : "the second share of the interval must be greater than its first";
}

static const char *guard_fault(struct span rest, struct rollout_guard *guard)
{
    uint32_t number;
    bool site = guard_skip(&rest, "site:");
    unsigned kind = guard_named(&rest);
    if (kind == ROLLOUT_GUARDS)
        return "no such figure: there are"
#define RATE(id, name, seconds, grows, margin, doc) " " name ","
#define TIME(id, name, quantile, margin, doc)       " " name ","
#include "runtime/core/rollouts/rollout_guards.def"
               " and no others";
    const struct guard_row *row = &guard_rows[kind];
    *guard =
        (struct rollout_guard){.kind = (uint8_t)kind, .seconds = row->seconds, .margin = row->margin, .site = site};
    if (row->family == ROLLOUT_HARD) return "this guard always holds, and is not written";
    if (site && row->family != ROLLOUT_RATE) return "a guard of the whole site is about a share, and not about a time";
    if (guard_skip(&rest, "/")) {
        if (row->seconds == 0) return "only sl and transferred have seconds, as in sl/20s";
        if (!guard_number(&rest, &number) || number % 100 != 0 || number == 0 || !guard_skip(&rest, "s"))
            return "the seconds are a whole number, as in sl/20s";
        guard->seconds = number / 100;
    }
    if (site) return guard_interval_fault(rest, guard);
    if (rest.length == 0) return NULL;
    if (!guard_skip(&rest, ":")) return "a guard is a figure and its margin, as in abandoned:+1pt";
    return guard_margin_fault(row, rest, guard);
}

bool rollout_guard_read(struct span text, struct rollout_guard *guard, const char **fault)
{
    *fault = guard_fault(text, guard);
    return !*fault;
}

static char *guard_put(char *end, const char *text)
{
    size_t length = strlen(text);
    memcpy(end, text, length + 1);
    return end + length;
}

static char *guard_put_number(char *end, uint32_t number)
{
    char digits[10];
    unsigned count = 0;
    do digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0) *end++ = digits[--count];
    *end = '\0';
    return end;
}

static char *guard_put_hundredths(char *end, uint32_t hundredths)
{
    end = guard_put_number(end, hundredths / 100);
    if (hundredths % 100 == 0) return end;
    end = guard_put(end, hundredths % 100 < 10 ? ".0" : ".");
    return guard_put_number(end, hundredths % 10 == 0 ? hundredths % 100 / 10 : hundredths % 100);
}

void rollout_guard_write(const struct rollout_guard *guard, char text[ROLLOUT_GUARD_TEXT])
{
    const struct guard_row *row = &guard_rows[guard->kind];
    char *end = guard_put(guard_put(text, guard->site ? "site:" : ""), row->name);
    if (row->seconds != 0) end = guard_put(guard_put_number(guard_put(end, "/"), guard->seconds), "s");
    if (guard->site) {
        end = guard_put(guard_put_hundredths(guard_put(end, ":"), guard->low), "%..");
        (void)guard_put(guard_put_hundredths(end, guard->margin), "%");
        return;
    }
    uint32_t hundredths = row->family == ROLLOUT_RATE ? guard->margin : guard->margin / 10;
    end = guard_put_hundredths(guard_put(end, row->grows ? ":+" : ":-"), hundredths);
    (void)guard_put(end, row->family == ROLLOUT_RATE ? "pt" : "s");
}
