/* runtime/daemon/admin/rollout_ask.c - Reads the words of `gcxctl rollout`.
 *
 *     --steps 1,5,25,100   the shares, in percent with at most two digits behind the point
 *     --guard sl/20s:-2pt  core/rollouts/guard.c reads it; here it must not stand twice
 *
 * A rollout that could never end well is refused here: one whose steps take longer than it lives, or one of slices
 * whose guards are about times. The guard of the unserved is always there: a version that hangs up on all callers is
 * abandoned by none. */
#include "runtime/daemon/admin/rollout_ask.h"

#include <assert.h>
#include <string.h>

#include "base/near.h"
#include "runtime/daemon/directory/hand.h"

#define STEPS_USUAL "1,5,25,100"
static const int64_t ASK_SECOND_US = 1000000;

static const char *rollout_word(const json_t *request, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(request, key));
    return text ? text : otherwise;
}

static bool rollout_flag(const json_t *request, const char *key)
{
    return json_is_true(json_object_get(request, key));
}

/* Reads "0.5", "25" or "25%" as parts of 10,000, and returns what follows; NULL: it is no share. */
static const char *rollout_ask_share(const char *text, uint32_t *share)
{
    uint32_t whole = 0, part = 0, digits = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && whole <= 1000; at++) whole = whole * 10 + (uint32_t)(*at - '0');
    if (at == text) return NULL;
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9' && digits < 3; at++, digits++) part = part * 10 + (uint32_t)(*at - '0');
        if (digits == 0 || digits > 2) return NULL;
        if (digits == 1) part *= 10;
    }
    *share = whole * 100 + part;
    return *at == '%' ? at + 1 : at;
}

/* Reads the steps. Each must give more than the one before, and the last must give all. */
static bool rollout_ask_steps(const char *text, struct rollout_ask *ask, struct error *error)
{
    const char *at = text + strspn(text, " ");
    if (*at == '\0') return error_set(error, ERROR_INPUT, "--steps is empty; expected shares, as " STEPS_USUAL);
    for (ask->steps = 0;; ask->steps++) {
        uint32_t share, before = ask->steps > 0 ? ask->shares[ask->steps - 1] : 0;
        const char *end = rollout_ask_share(at, &share);
        int length = (int)strcspn(at, ",");
        if (!end || (*end != ',' && *end != '\0'))
            return error_set(
                error, ERROR_INPUT,
                "--steps: `%.*s` is no share in percent, of two digits behind the point at most; expected " STEPS_USUAL,
                length < 40 ? length : 40, at);
        if (share == 0 || share > ROLLOUT_SHARE_ALL)
            return error_set(error, ERROR_INPUT, "--steps: a share of %.*s %% has no sense: from 0.01 to 100", length,
                             at);
        if (share <= before)
            return error_set(error, ERROR_INPUT,
                             "--steps: %.*s is not more than the step before; steps rise, as " STEPS_USUAL, length, at);
        if (ask->steps == ROLLOUT_STEPS_MAX)
            return error_set(error, ERROR_LIMIT, "--steps: a rollout has at most %d steps", ROLLOUT_STEPS_MAX);
        ask->shares[ask->steps] = (uint16_t)share;
        if (*end == '\0') break;
        at = end + 1;
        at += strspn(at, " ");
    }
    if (ask->shares[ask->steps++] == ROLLOUT_SHARE_ALL) return true;
    return error_set(error, ERROR_INPUT,
                     "--steps: the last step is not 100, and so the rollout would not end: add 100; "
                     "with --ask a person says when it begins");
}

/* Tells what is wrong with a guard; where its figure is unknown, which one is meant. */
static bool rollout_ask_guard_fault(const char *text, const char *fault, struct error *error)
{
    const char *near = NULL;
    char name[ROLLOUT_GUARD_TEXT];
    uint32_t least = UINT32_MAX;
    size_t length = strcspn(text, ":/");
    if (strncmp(text, "wait:", 5) == 0 || strncmp(text, "handling:", 9) == 0)
        length += 1 + strcspn(text + length + 1, ":/");
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name - 1 ? length : sizeof name - 1), text);
    for (unsigned kind = 0; kind < ROLLOUT_GUARDS; kind++) {
        if (rollout_guard_family(kind) == ROLLOUT_HARD && strcmp(name, rollout_guard_name(kind)) != 0) continue;
        if (strcmp(name, rollout_guard_name(kind)) == 0)
            return error_set(error, ERROR_INPUT, "--guard %.40s: %s", text, fault);
        if (near_is_nearer(name, rollout_guard_name(kind), &least)) near = rollout_guard_name(kind);
    }
    return error_set(error, ERROR_INPUT, "--guard %.40s: %s%s%s%s", text, fault, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

/* Adds the guard of the unserved where a person has named others only. */
static void rollout_ask_unserved(struct rollout_ask *ask)
{
    struct rollout_guard guard;
    const char *fault;
    for (unsigned k = 0; k < ask->guard_count; k++)
        if (ask->guards[k].kind == ROLLOUT_GUARD_unserved && !ask->guards[k].site) return;
    if (ask->guard_count == 0 || ask->guard_count == ROLLOUT_GUARDS_MAX) return;
    if (rollout_guard_read(span_of(rollout_guard_name(ROLLOUT_GUARD_unserved)), &guard, &fault))
        ask->guards[ask->guard_count++] = guard;
}

static bool rollout_ask_guards(const json_t *guards, struct rollout_ask *ask, struct error *error)
{
    for (size_t i = 0; i < json_array_size(guards); i++) {
        const char *text = json_string_value(json_array_get(guards, i)), *fault;
        struct rollout_guard guard;
        if (strncmp(text, "site:", 5) == 0)
            return error_set(error, ERROR_INPUT, "--guard %.40s: an interval for all arrivals is given with --site",
                             text);
        if (strlen(text) >= ROLLOUT_GUARD_TEXT)
            return error_set(error, ERROR_INPUT, "--guard %.40s...: expected one such as abandoned:+1pt", text);
        if (!rollout_guard_read((struct span){(const uint8_t *)text, (uint32_t)strlen(text)}, &guard, &fault))
            return rollout_ask_guard_fault(text, fault, error);
        for (unsigned k = 0; k < ask->guard_count; k++)
            if (ask->guards[k].kind == guard.kind)
                return error_set(error, ERROR_INPUT,
                                 "--guard %.40s: this figure has a guard already, and has one, whatever its seconds",
                                 text);
        if (ask->guard_count == ROLLOUT_GUARDS_MAX)
            return error_set(error, ERROR_LIMIT, "a rollout has at most %d guards", ROLLOUT_GUARDS_MAX);
        if (ask->slices && rollout_guard_family(guard.kind) == ROLLOUT_TIME)
            return error_set(error, ERROR_INPUT,
                             "--guard %.40s: with --slices only shares are compared (abandoned, sl, unserved, "
                             "transferred)",
                             text);
        ask->guards[ask->guard_count++] = guard;
    }
    return true;
}

/* Reads the guards of the whole site, each a share and its interval. */
static bool rollout_ask_site(const json_t *guards, struct rollout_ask *ask, struct error *error)
{
    for (size_t i = 0; i < json_array_size(guards); i++) {
        const char *given = json_string_value(json_array_get(guards, i)), *fault;
        char text[ROLLOUT_GUARD_TEXT];
        struct rollout_guard guard;
        if (snprintf(text, sizeof text, "site:%s", given) >= (int)sizeof text)
            return error_set(error, ERROR_INPUT, "--site %.40s: expected one such as abandoned:2%%..5%%", given);
        if (!rollout_guard_read(span_of(text), &guard, &fault))
            return error_set(error, ERROR_INPUT, "--site %.40s: %s", given, fault);
        for (unsigned k = 0; k < ask->guard_count; k++)
            if (ask->guards[k].site && ask->guards[k].kind == guard.kind)
                return error_set(error, ERROR_INPUT, "--site %.40s: this figure has an interval already", given);
        if (ask->guard_count == ROLLOUT_GUARDS_MAX)
            return error_set(error, ERROR_LIMIT, "a rollout has at most %d guards", ROLLOUT_GUARDS_MAX);
        if (ask->slices)
            return error_set(error, ERROR_INPUT, "--site takes the place of --slices: leave one of them out");
        ask->guards[ask->guard_count++] = guard;
        ask->site = true;
    }
    return true;
}

static bool rollout_ask_duration(const json_t *request, const char *key, int64_t *us, struct error *error)
{
    const char *text = rollout_word(request, key, NULL);
    if (!text || hand_duration(text, us, &(struct error){0})) return true;
    return error_set(error, ERROR_INPUT, "--%s %.40s: expected a time of 1s or more, as 30m, 2h or 7d", key, text);
}

/* Reads the times; all but the last step last at least `hold`. */
static bool rollout_ask_times(const json_t *request, int64_t now_us, struct rollout_ask *ask, struct error *error)
{
    const char *at = rollout_word(request, "at", NULL);
    ask->hold_us = ROLLOUT_HOLD_S * ASK_SECOND_US;
    ask->expires_us = ROLLOUT_EXPIRES_S * ASK_SECOND_US;
    if (!rollout_ask_duration(request, "hold", &ask->hold_us, error)) return false;
    if (!rollout_ask_duration(request, "expires", &ask->expires_us, error)) return false;
    if (at && !hand_moment(at, now_us, &ask->at_us, &(struct error){0}))
        return error_set(
            error, ERROR_INPUT,
            "--at %.40s: expected a time to come, as 18:00 or 2026-12-24T18:00, at most 366 days ahead, by "
            "the clock of gcxvm's machine",
            at);
    if (ask->expires_us > (int64_t)(ask->steps - 1) * ask->hold_us) return true;
    return error_set(
        error, ERROR_INPUT,
        "%u steps of %lld s each take longer than --expires %lld s: the rollout would always go back; make "
        "--hold shorter, or --expires longer",
        ask->steps - 1, (long long)(ask->hold_us / ASK_SECOND_US), (long long)(ask->expires_us / ASK_SECOND_US));
}

bool rollout_ask_read(const json_t *request, int64_t now_us, struct rollout_ask *ask, struct error *error)
{
    assert(json_is_object(request) && ask);
    *ask = (struct rollout_ask){.point = rollout_word(request, "point", ""),
                                .what = rollout_word(request, "image", ""),
                                .by = rollout_word(request, "by", ""),
                                .ask = rollout_flag(request, "ask"),
                                .approval = rollout_flag(request, "needs_approval"),
                                .slices = rollout_flag(request, "slices"),
                                .plan = rollout_flag(request, "plan")};
    if (ask->slices && ask->by[0] != '\0')
        return error_set(error, ERROR_INPUT,
                         "--slices gives all callers of a quarter of an hour one version, and --by cannot hold then: "
                         "leave one of them out");
    if (!rollout_ask_steps(rollout_word(request, "steps", STEPS_USUAL), ask, error) ||
        !rollout_ask_guards(json_object_get(request, "guard"), ask, error) ||
        !rollout_ask_site(json_object_get(request, "site"), ask, error) ||
        !rollout_ask_times(request, now_us, ask, error))
        return false;
    rollout_ask_unserved(ask);
    return true;
}
