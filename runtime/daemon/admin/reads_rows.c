/* runtime/daemon/admin/reads_rows.c - Pages of agents, queues, interactions and other rows of the core. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/why.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/admin/settings.h"
#include "runtime/daemon/protocol/words.h"
#include "runtime/journal/images.h"
#include "runtime/vocabulary/ident.h"

/* GROUPS_SHOWN: groups of each agent in a list. CONTACTS_SHOWN: contacts of each agent. */
enum { GROUPS_SHOWN = 64, CONTACTS_SHOWN = 8 };

static json_t *listeners_json(const struct core *core, uint64_t ixn, int64_t offset_us)
{
    struct listener_row row;
    json_t *list = json_array();
    for (uint32_t at = 0; core_listener(core, ixn, &at, &row);) {
        json_t *object = json_object();
        json_put(object, "by", json_text_of(row.by));
        json_put(object, "dn", json_text_of(row.dn));
        json_put(object, "how", json_text_of(row.how));
        json_put(object, "hears", json_boolean(row.hears));
        json_put_moment(object, "since_us", row.since_us, offset_us);
        json_append(list, object);
    }
    return list;
}

static json_t *contacts_json(const struct core *core, uint32_t index, int64_t offset_us)
{
    struct contact_row rows[CONTACTS_SHOWN];
    uint32_t count = core_agent_contacts(core, index, rows, CONTACTS_SHOWN);
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        json_t *object = json_object();
        json_put_ixn(object, "ixn", rows[i].ixn);
        json_put(object, "media", json_text_of(rows[i].media));
        json_put(object, "talks", json_boolean(rows[i].talks));
        json_put(object, "vq", json_text_of(rows[i].vq));
        json_put_moment(object, "since_us", rows[i].since_us, offset_us);
        json_put(object, "listen", json_boolean(rows[i].listen));
        json_put(object, "take_over", json_boolean(rows[i].take_over));
        json_t *listeners = listeners_json(core, rows[i].ixn, offset_us);
        if (json_array_size(listeners) > 0) json_put(object, "listeners", json_incref(listeners));
        json_decref(listeners);
        json_append(list, object);
    }
    return list;
}

/* Returns the row of one agent. Moments in the row are wall clock. */
static json_t *agent_row_json(const struct core *core, uint32_t index, const struct agent_row *row, int64_t offset_us)
{
    assert(row);
    json_t *object = json_object();
    struct kv skills, has, takes, states, reasons;
    kv_init(&skills);
    kv_init(&states);
    kv_init(&reasons);
    kv_init(&has);
    kv_init(&takes);
    core_agent_skills(core, index, &skills);
    core_agent_load(core, index, &has, &takes);
    core_agent_media(core, index, &states, &reasons);
    json_put(object, "name", json_text_of(row->name));
    json_put(object, "display", json_text_of(row->called));
    json_put(object, "dn", json_text_of(row->dn));
    json_put(object, "telephone", json_boolean(row->telephone));
    json_put(object, "place", json_text_of(row->place));
    json_put(object, "state", json_string(enum_name_agent_state(row->state)));
    json_put(object, "reason", json_text_of(row->reason));
    json_put(object, "reason_display", json_text_of(row->display.length != 0 ? row->display : row->reason));
    if (row->by.length != 0) json_put(object, "by", json_text_of(row->by));
    if (row->by.length != 0) json_put(object, "why", json_text_of(row->why));
    json_put(object, "media", json_of_kv(kv_span(&states)));
    json_put(object, "media_reasons", json_of_kv(kv_span(&reasons)));
    json_put(object, "not_chosen", json_text_of(row->not_chosen));
    if (row->rests_until_us != 0) json_put_moment(object, "rests_until_us", row->rests_until_us, offset_us);
    if (row->home != 0) json_put_number(object, "home", row->home);
    if (row->home != 0) json_put(object, "lent_here", json_boolean(row->lent_here));
    if (row->lent_to != 0) json_put_number(object, "lent_to", row->lent_to);
    if (row->lent_until_us != 0) json_put_moment(object, "lent_until_us", row->lent_until_us, offset_us);
    json_put_moment(object, "since_us", row->since_us, offset_us);
    json_put_number(object, "claims", row->claims);
    json_put_ixn(object, "ixn", row->ixn);
    json_put(object, "contacts", contacts_json(core, index, offset_us));
    json_put(object, "skills", json_of_kv(kv_span(&skills)));
    json_put(object, "capacity", json_text_of(row->capacity));
    json_put(object, "profile", json_text_of(row->profile));
    json_put(object, "has", json_of_kv(kv_span(&has)));
    json_put(object, "takes", json_of_kv(kv_span(&takes)));
    kv_free(&skills);
    kv_free(&has);
    kv_free(&takes);
    kv_free(&states);
    kv_free(&reasons);
    return object;
}

/* Returns the first `most` of the agent's groups. */
static json_t *groups_json(const struct core *core, uint32_t index, uint32_t most)
{
    struct span group;
    json_t *groups = json_array();
    for (uint32_t i = 0; i < most && core_agent_group(core, index, i, &group); i++)
        json_append(groups, json_text_of(group));
    return groups;
}

const char *reads_assigned(unsigned table)
{
    return table == table_agent_skill ? "skill" : table == table_group_member ? "group" : NULL;
}

json_t *reads_assigned_value(unsigned table, struct span pairs)
{
    struct kv_value value;
    if (!kv_get(pairs, "value", &value)) return json_null();
    if (table == table_agent_skill) return json_sprintf("%lld", (long long)value.word);
    return json_string(value.word != 0 ? "in" : "out");
}

/* Returns the skills and groups that agents have by hand, a list by the agent's name: until when, from whom and why.
 * The caller owns it. */
static json_t *agents_by_hand(const struct core *core)
{
    json_t *all = json_object();
    struct change_row row;
    for (uint32_t at = 0; core_change(core, at, &row); at++) {
        if (row.name.length == 0 || !reads_assigned(row.table)) continue;
        json_t *object = json_object();
        json_put(object, "kind", json_string(reads_assigned(row.table)));
        json_put(object, "name", json_text_of(row.item));
        json_put(object, "value", reads_assigned_value(row.table, row.row));
        json_put(object, "until_us", row.until_us != 0 ? json_integer(row.until_us) : json_null());
        json_put(object, "by", json_text_of(row.actor));
        json_put(object, "why", json_text_of(row.why));
        json_put(object, "since_us", json_integer(row.at_us));
        json_t *agent = json_text_of(row.name), *list = json_object_get(all, json_string_value(agent));
        if (!list) json_put(all, json_string_value(agent), list = json_array());
        json_append(list, object);
        json_decref(agent);
    }
    return all;
}

/* Puts what the agent of the row has by hand into it. `all` is of agents_by_hand(). */
static void agent_put_hands(json_t *object, const json_t *all)
{
    json_t *list = json_object_get(all, json_string_value(json_object_get(object, "name")));
    json_put(object, "by_hand", list ? json_incref(list) : json_array());
}

/* Writes the agent that the request names, with all groups. */
static void agent_one(struct asking *asking, const struct core *core, const char *name)
{
    struct agent_row row;
    json_t *list = json_array(), *object, *hands;
    uint32_t index;
    json_put(asking->into, "agents", list);
    if (!core_agent_named(core, span_of(name), &index) || !core_agent(core, index, &row)) {
        reads_refuse_unknown(asking, "agent", name);
        return;
    }
    if (!reads_sees(asking, core, CORE_MAY_agent, row.name, 0)) {
        asking->good = error_set(asking->error, ERROR_DENIED, "%s leads no group that %s is in", asking->reader, name);
        return;
    }
    object = agent_row_json(core, index, &row, reads_wall_less_logical(core));
    json_put(object, "groups", groups_json(core, index, UINT32_MAX));
    json_put(object, "known", json_boolean(row.known));
    agent_put_hands(object, hands = agents_by_hand(core));
    json_decref(hands);
    json_append(list, object);
    json_put_next(asking, false, 0);
}

/* Lists the agents in one state; -1: in any state. A name that is neither in the directory nor logged in is unknown. */
static bool agent_wanted(const struct agent_row *row, int state)
{
    bool gone = row->state == agent_state_logged_out || row->state == agent_state_unknown;
    return (row->known || !gone) && (state < 0 || row->state == (unsigned)state);
}

/* Reads the state that the request asks for; -1: any. False with the reason. */
static bool state_read(struct asking *asking, int *state)
{
    const char *name = reads_asked_text(asking, "state");
    char words[WORDS_TEXT];
    *state = -1;
    if (!name) return true;
    *state = enum_value_agent_state(name, (uint32_t)strlen(name));
    if (*state >= 0) return true;
    words_say("agent_state", ", ", words);
    error_set(asking->error, ERROR_INPUT, "there is no state `%.40s`; expected %s or unknown", name, words);
    asking->good = false;
    return false;
}

/* At most PAGE_LOOKED agents are examined for one page, because the core waits. */
void reads_core_agents(void *self, struct core *core)
{
    struct asking *asking = self;
    const char *name = reads_asked_text(asking, "name");
    uint64_t from = reads_asked_number(asking, "from", 0), end = from + PAGE_LOOKED,
             limit = reads_asked_rows(asking, PAGE_ROWS);
    int64_t offset_us = reads_wall_less_logical(core);
    struct agent_row row;
    json_t *list, *hands;
    int state;
    bool more = true;
    if (name) {
        agent_one(asking, core, name);
        return;
    }
    if (!state_read(asking, &state)) return;
    list = json_array();
    hands = agents_by_hand(core);
    while (from < end && json_array_size(list) < limit && more) {
        more = core_agent(core, (uint32_t)from, &row);
        if (more && row.name.length > 0 && agent_wanted(&row, state) &&
            reads_sees(asking, core, CORE_MAY_agent, row.name, 0)) {
            json_t *object = agent_row_json(core, (uint32_t)from, &row, offset_us);
            json_put(object, "groups", groups_json(core, (uint32_t)from, GROUPS_SHOWN));
            agent_put_hands(object, hands);
            reads_put_led(asking, core, object, &(uint32_t){(uint32_t)from}, (struct span){0});
            json_append(list, object);
        }
        from++;
    }
    json_decref(hands);
    json_put(asking->into, "agents", list);
    json_put_next(asking, more && core_agent(core, (uint32_t)from, &row), from);
}

/* Writes the figures of a queue's last hour: how many callers abandoned it, and how many were answered within each
 * bound, in seconds, as a running sum; the last bound, null, has all. */
static json_t *hour_json(const struct core *core, uint32_t index)
{
    struct queue_hour_row hour;
    struct core_waits bounds;
    json_t *object = json_object(), *within = json_array();
    uint64_t answered = 0;
    core_queue_hour(core, index, &hour);
    core_waits(core, &bounds);
    for (unsigned at = 0; at < CORE_WAITS; at++) {
        bool last = bounds.bound_us[at] == UINT64_MAX;
        answered += hour.waits[at];
        json_append(within,
                    json_pack("[o, I]", last ? json_null() : json_integer((json_int_t)(bounds.bound_us[at] / 1000000)),
                              (json_int_t)answered));
    }
    json_put_number(object, "answered", answered);
    json_put_number(object, "abandoned", hour.abandoned);
    json_put(object, "within_s", within);
    return object;
}

/* Returns the row of one virtual queue. Interactions that wait have waited longer since the last batch, which the
 * core's time does not show. */
static json_t *queue_json(const struct asking *asking, const struct core *core, uint32_t index,
                          const struct queue_row *row, uint64_t since_us)
{
    json_t *object = json_object();
    json_put(object, "name", json_text_of(row->name));
#define NUMBER(name)                json_put_number(object, #name, row->name)
#define QUEUE(fact, field, waiting) NUMBER(field);
    NUMBER(waiting);
#include "runtime/core/read/facts.def"
    NUMBER(wait_us);
#undef NUMBER
    json_put_number(object, "longest_wait_us", row->waiting > 0 ? row->longest_wait_us + since_us : 0);
    json_put_number(object, "nobody_can", core_why_nobody(core, index));
    json_put(object, "expected_us",
             row->expected_us != UINT64_MAX ? json_integer((json_int_t)row->expected_us) : json_null());
    json_put(object, "last_hour", hour_json(core, index));
    reads_put_led(asking, core, object, NULL, row->name);
    return object;
}

/* True: the core knows the queue, as an interaction has waited there. */
static bool queue_known(const struct core *core, const char *name)
{
    assert(core && name);
    struct queue_row row;
    for (uint32_t at = 0; at < core_queue_count(core); at++) {
        core_queue_counts(core, at, &row);
        if (span_is(row.name, name)) return true;
    }
    return false;
}

/* A queue that the request names is searched on all pages. */
void reads_core_queues(void *self, struct core *core)
{
    struct asking *asking = self;
    const char *name = reads_asked_text(asking, "name");
    uint64_t from = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS);
    struct queue_row rows[PAGE_ROWS];
    uint64_t since_us = reads_since_batch_us(core);
    json_t *list = json_array();
    uint32_t count = 0;
    json_put(asking->into, "queues", list);
    if (!name) {
        count = core_queues(core, (uint32_t)from, rows, (uint32_t)limit);
        for (uint32_t i = 0; i < count; i++)
            if (reads_sees(asking, core, CORE_MAY_queue, rows[i].name, 0))
                json_append(list, queue_json(asking, core, (uint32_t)from + i, &rows[i], since_us));
        json_put_next(asking, core_queues(core, (uint32_t)from + count, rows, 1) > 0, from + count);
        return;
    }
    for (uint32_t at = 0; json_array_size(list) == 0 && (count = core_queues(core, at, rows, PAGE_ROWS)) > 0;
         at += count)
        for (uint32_t i = 0; i < count; i++)
            if (span_is(rows[i].name, name) && reads_sees(asking, core, CORE_MAY_queue, rows[i].name, 0))
                json_append(list, queue_json(asking, core, at + i, &rows[i], since_us));
    if (json_array_size(list) == 0) reads_refuse_unknown(asking, "virtual queue", name);
    json_put_next(asking, false, 0);
}

/* Returns the row of one counter. Members that do not apply to the counter are left out. */
static json_t *counter_json(const struct counter_row *row)
{
    json_t *object = json_object();
    json_put(object, "name", json_text_of(row->name));
    json_put(object, "key", json_text_of(row->key));
    json_put_number(object, "count", row->count);
    if (row->beyond != 0) json_put_number(object, "beyond", row->beyond);
    if (row->over_us != 0) json_put_number(object, "over_us", (uint64_t)row->over_us);
    if (row->since_us != 0) json_put_number(object, "since_us", (uint64_t)row->since_us);
    return object;
}

/* What is counted by a key, as a caller's number, is of single customers of the whole site: who reads only whom they
 * lead does not see it.
 *
 * A name that fits nothing is refused only on the first page; for a later page the rows may have been on the pages
 * before. */
void reads_core_counters(void *self, struct core *core)
{
    struct asking *asking = self;
    const char *name = reads_asked_text(asking, "name");
    uint64_t at = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS);
    bool bounded = asking->reader && core_may_bounded(core, span_of(asking->reader));
    struct counter_row row;
    json_t *list = json_array();
    json_put(asking->into, "counters", list);
    for (; json_array_size(list) < limit && core_counter(core, (uint32_t)at, &row); at++)
        if ((!bounded || row.key.length == 0) && (!name || span_is(row.name, name)))
            json_append(list, counter_json(&row));
    if (name && json_array_size(list) == 0 && reads_asked_number(asking, "from", 0) == 0)
        reads_refuse_unknown(asking, "counter", name);
    json_put_next(asking, core_counter(core, (uint32_t)at, &row), at);
}

/* May the reader see it? A workbin is read by who leads its agent or its group, a queue by who leads the queue. */
static bool bin_is_seen(const struct asking *asking, const struct core *core, const struct bin_row *row)
{
    uint32_t agent;
    if (row->whose.length == 0) return reads_sees(asking, core, CORE_MAY_queue, row->name, 0);
    bool of_agent = core_agent_named(core, row->whose, &agent);
    return reads_sees(asking, core, of_agent ? CORE_MAY_agent : CORE_MAY_group, row->whose, 0);
}

/* Puts who leads it, as bin_is_seen() has it. */
static void bin_put_led(const struct asking *asking, const struct core *core, json_t *object, const struct bin_row *row)
{
    uint32_t agent;
    struct led_row led;
    bool of_agent = row->whose.length != 0 && core_agent_named(core, row->whose, &agent);
    reads_put_led(asking, core, object, of_agent ? &agent : NULL,
                  row->whose.length == 0 ? row->name : (struct span){0});
    json_t *list = json_object_get(object, "led_by");
    for (uint32_t at = 0; list && row->whose.length != 0 && !of_agent && core_led(core, at, &led); at++)
        if (led.group && span_equal(led.of, row->whose)) json_append(list, json_text_of(led.person));
}

/* Returns a text by which each queue and workbin is known; the caller owns it. */
static json_t *bin_place(const struct bin_row *row)
{
    char place[2 * NAME_MAX_BYTES + 2];
    snprintf(place, sizeof place, "%.*s\n%.*s", (int)row->name.length, (const char *)row->name.bytes,
             (int)row->whose.length, (const char *)row->whose.bytes);
    return json_text_of(span_of(place));
}

/* Lists the queues and workbins in which something waits. */
void reads_core_bins(void *self, struct core *core)
{
    struct asking *asking = self;
    uint64_t at = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS),
             last = at + PAGE_LOOKED;
    int64_t offset_us = reads_wall_less_logical(core);
    struct bin_row row;
    json_t *list = json_array();
    json_put(asking->into, "bins", list);
    for (; json_array_size(list) < limit && at < last && core_bin(core, (uint32_t)at, &row); at++) {
        if (row.name.length == 0 || !bin_is_seen(asking, core, &row)) continue;
        json_t *object = json_object();
        json_put(object, "name", json_text_of(row.name));
        json_put(object, "whose", json_text_of(row.whose));
        json_put(object, "place", bin_place(&row));
        json_put_number(object, "waiting", row.count);
        json_put_moment(object, "since_us", row.first_us, offset_us);
        bin_put_led(asking, core, object, &row);
        json_append(list, object);
    }
    json_put_next(asking, core_bin(core, (uint32_t)at, &row), at);
}

/* Returns the row of one booking; `ixn` is null until its callback has begun. */
static json_t *callback_json(const struct booking_row *row)
{
    json_t *object = json_object();
    json_put_number(object, "number", row->id);
    json_put_number(object, "due_us", (uint64_t)row->due_us);
    json_put(object, "to", json_text_of(row->number));
    json_put(object, "strategy", json_text_of(row->strategy));
    json_put(object, "dn", json_text_of(row->dn));
    json_put_ixn(object, "from", row->from);
    json_put_ixn(object, "ixn", row->ixn);
    json_put_number(object, "attempts", row->attempts);
    return object;
}

/* Bookings that are over have the id 0, and are skipped. */
void reads_core_callbacks(void *self, struct core *core)
{
    struct asking *asking = self;
    uint64_t at = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS),
             last = at + PAGE_LOOKED;
    struct booking_row row;
    json_t *list = json_array();
    json_put(asking->into, "callbacks", list);
    for (; json_array_size(list) < limit && at < last && core_booking(core, (uint32_t)at, &row); at++)
        if (row.id != 0 && reads_sees(asking, core, CORE_MAY_queue, row.dn, 0)) json_append(list, callback_json(&row));
    json_put_next(asking, core_booking(core, (uint32_t)at, &row), at);
}

/* Returns the row of an event or timer in quarantine. The row's number is that of the event at its link, or the kind
 * of the timer. */
static json_t *quarantined_json(const struct quarantined_row *row)
{
    json_t *object = json_object();
    const char *event = row->kind != 0 ? kind_name(row->kind) : "timer";
    char conn[CONN_TEXT];
    ident_print_conn(row->conn, conn);
    json_put_number(object, "since_us", row->since_us);
    json_put(object, "event", json_string(event ? event : "unknown"));
    json_put(object, "link", row->kind != 0 ? json_integer(row->link) : json_null());
    json_put_number(object, "number", row->kind != 0 ? row->number : row->timer);
    json_put_number(object, "batch", row->recorded || row->passed == 0 ? row->batch : row->passed_batch);
    json_put_number(object, "index", row->index);
    json_put(object, "recorded", json_boolean(row->recorded || row->passed > 0));
    json_put_ixn(object, "ixn", row->ixn);
    json_put(object, "conn", row->conn != 0 ? json_string(conn) : json_null());
    json_put(object, "end", json_string(row->end));
    json_put_number(object, "passed", row->passed);
    return object;
}

/* Writes all rows at once, since only few events or timers crash a core. */
void reads_core_quarantine(void *self, struct core *core)
{
    struct asking *asking = self;
    struct quarantined_row row;
    json_t *list = json_array();
    for (uint32_t at = 0; core_quarantined(core, at, &row); at++) json_append(list, quarantined_json(&row));
    json_put(asking->into, "quarantine", list);
}

/* True: the request does not have the member, or the member is this text. */
static bool text_fits(const struct asking *asking, const char *key, struct span is)
{
    const char *wanted = reads_asked_text(asking, key);
    return !wanted || span_is(is, wanted);
}

/* Returns the last digit of the text before `at`; 0: there is none. `at` becomes the place of that digit. */
static char digit_before(struct span text, uint32_t *at)
{
    while (*at > 0)
        if (text.bytes[--*at] >= '0' && text.bytes[*at] <= '9') return (char)text.bytes[*at];
    return 0;
}

static bool is_letters(struct span text)
{
    for (uint32_t at = 0; at < text.length; at++)
        if ((text.bytes[at] | 0x20) >= 'a' && (text.bytes[at] | 0x20) <= 'z') return true;
    return false;
}

/* True: the two texts mean the same number. "0145 55 01 01" equals "+33145550101": the digits are compared from the
 * end, at least six, and leading zeros do not count. An address with letters, or a short number, must be equal as it
 * is written. */
static bool ends_with_number(struct span has, struct span asked)
{
    uint32_t at = has.length, from = asked.length, same = 0, zeros = 0;
    for (char digit; (digit = digit_before(asked, &from)) != 0; same++) {
        zeros = digit == '0' ? zeros + 1 : 0;
        if (digit_before(has, &at) == digit) continue;
        uint32_t rest = from;
        return digit == '0' && digit_before(asked, &rest) == 0 && same >= 6;
    }
    return same >= zeros + 6;
}

static bool counter_is_number(struct span has, struct span asked)
{
    if (span_equal(has, asked)) return true;
    if (is_letters(has) || is_letters(asked)) return false;
    return ends_with_number(has, asked) || ends_with_number(asked, has);
}

/* True: the interaction came from this number or address, went there, or is itself of that number. */
static bool interaction_is_of(const struct interaction_row *row, const char *number)
{
    uint64_t ixn;
    return counter_is_number(row->ani, span_of(number)) || counter_is_number(row->dnis, span_of(number)) ||
           (ident_read_ixn(number, &ixn) && ixn == row->ixn);
}

/* True: the interaction fits all filters of the request. */
static bool interaction_wanted(const struct asking *asking, const struct core *core, const struct interaction_row *row)
{
    bool live_only = json_is_true(json_object_get(asking->request, "live"));
    bool promised_only = json_is_true(json_object_get(asking->request, "promised"));
    const char *number = reads_asked_text(asking, "number"), *media = reads_asked_text(asking, "media");
    return !(live_only && span_is(row->state, "ended")) && !(promised_only && row->reply_us == 0) &&
           text_fits(asking, "queue", row->vq) && text_fits(asking, "bin", row->bin) &&
           text_fits(asking, "bin_of", row->bin_of) && text_fits(asking, "state", row->state) &&
           text_fits(asking, "strategy", row->strategy) &&
           reads_sees(asking, core, CORE_MAY_work, (struct span){0}, row->ixn) &&
           (!media || core_medium_named(core, row->media) == core_medium_named(core, span_of(media))) &&
           (!number || interaction_is_of(row, number));
}

/* True: a known image has this strategy. */
static bool strategy_known(const struct asking *asking, const char *name)
{
    assert(name);
    struct images *images = programs_images(asking->daemon->programs);
    const struct image *image;
    for (size_t i = 0; (image = images_at(images, i)); i++)
        if (image_strategy_named(image, name, (uint32_t)strlen(name))) return true;
    return false;
}

/* Refuses a misspelt state or medium, because an empty list would be believed. */
static bool interactions_check(struct asking *asking, const struct core *core, uint64_t *cursor)
{
    const char *from = reads_asked_text(asking, "from"), *state = reads_asked_text(asking, "state");
    const char *media = reads_asked_text(asking, "media");
    bool good = !state || word_place("interaction_state", state) >= 0,
         known = !media || core_medium_named(core, span_of(media)) != media_none;
    char *end;
    char words[WORDS_TEXT];
    words_say("interaction_state", " or ", words);
    *cursor = from ? strtoull(from, &end, 10) : 0;
    if (!good)
        error_set(asking->error, ERROR_INPUT, "there is no state `%.40s`; expected %s", state, words);
    else if (!known)
        error_set(asking->error, ERROR_INPUT, "there is no medium `%.40s`; voice is one", media);
    else if (from && (*end != '\0' || *from < '0' || *from > '9'))
        error_set(asking->error, ERROR_INPUT, "`from` is what an answer said as `next`");
    else
        return true;
    asking->good = false;
    return false;
}

/* Lists interactions: the living ones first, oldest first; then those that have ended lately. */
void reads_core_interactions(void *self, struct core *core)
{
    struct asking *asking = self;
    uint64_t cursor, limit = reads_asked_rows(asking, PAGE_ROWS), looked = 0;
    int64_t offset_us = reads_wall_less_logical(core);
    const char *queue = reads_asked_text(asking, "queue"), *strategy = reads_asked_text(asking, "strategy");
    struct interaction_row row;
    json_t *list;
    char next[24];
    bool more = true;
    if (!interactions_check(asking, core, &cursor)) return;
    if (queue && !queue_known(core, queue)) {
        reads_refuse_unknown(asking, "virtual queue", queue);
        return;
    }
    list = json_array();
    while (more && looked++ < PAGE_LOOKED && json_array_size(list) < limit) {
        more = core_interaction(core, &cursor, &row);
        if (more && interaction_wanted(asking, core, &row)) json_append(list, reads_interaction_json(&row, offset_us));
        if (more && span_is(row.state, "ended") && json_is_true(json_object_get(asking->request, "live"))) more = false;
    }
    snprintf(next, sizeof next, "%llu", (unsigned long long)cursor);
    /* An interaction that ended may have used an image that is no longer known. */
    if (strategy && json_array_size(list) == 0 && !strategy_known(asking, strategy))
        reads_refuse_unknown(asking, "strategy", strategy);
    json_put(asking->into, "interactions", list);
    json_put_as_of(asking->into, core);
    json_put(asking->into, "next", more && core_interaction(core, &cursor, &row) ? json_string(next) : json_null());
}

/* Puts all agents whom the person leads, and the person, if there is such an agent. */
static json_t *led_agents_json(const struct core *core, struct span person)
{
    char why[CORE_MAY_TEXT];
    struct agent_row row;
    json_t *list = json_array();
    for (uint32_t at = 0; core_agent(core, at, &row); at++)
        if (row.name.length != 0 && row.known &&
            core_may(core, &(struct core_may){.person = person, .what = CORE_MAY_agent, .name = row.name}, why))
            json_append(list, json_text_of(row.name));
    return list;
}

void reads_core_leads(void *self, struct core *core)
{
    struct asking *asking = self;
    const char *name = reads_asked_text(asking, "name");
    uint64_t at = reads_asked_number(asking, "from", 0),
             limit = reads_asked_rows(asking, name ? PAGE_LOOKED : PAGE_ROWS);
    struct led_row row;
    json_t *list = json_array();
    json_put(asking->into, "leads", list);
    for (; json_array_size(list) < limit && core_led(core, (uint32_t)at, &row); at++) {
        if (name && !span_is(row.person, name)) continue;
        json_t *object = json_object();
        json_put(object, "person", json_text_of(row.person));
        json_put(object, "group", row.group ? json_text_of(row.of) : json_null());
        json_put(object, "queue", row.group ? json_null() : json_text_of(row.of));
        json_append(list, object);
    }
    if (name) {
        bool bounded = core_may_bounded(core, span_of(name));
        json_put(asking->into, "reads_bounded", json_boolean(bounded && asking->daemon->conf->bounded_reading));
        json_put(asking->into, "agents", bounded ? led_agents_json(core, span_of(name)) : json_null());
    }
    json_put_next(asking, core_led(core, (uint32_t)at, &row), at);
}

/* Writes the latches; one that was never set has the moment at which the core first knew it. */
void reads_core_latches(void *self, struct core *core)
{
    struct asking *asking = self;
    uint64_t at = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS);
    struct latch_row row;
    json_t *list = json_array();
    json_put(asking->into, "latches", list);
    for (; json_array_size(list) < limit && core_latch(core, (uint32_t)at, &row); at++) {
        json_t *object = json_object();
        json_put(object, "name", json_text_of(row.name));
        json_put(object, "set", json_boolean(row.set));
        json_put_number(object, "since_us", (uint64_t)row.since_us);
        json_append(list, object);
    }
    json_put_next(asking, core_latch(core, (uint32_t)at, &row), at);
}

/* Is the image's name a prompt that none of the images before it has? */
static bool prompt_is_first(const struct image *const *images, size_t image, uint32_t at, struct text *name)
{
    const struct image_name *row = image_name(images[image], at);
    *name = image_text(images[image], row->text);
    bool first = row->kind == TYPE_PROMPT;
    for (size_t i = 0; first && i < image; i++)
        first = image_name_find(images[i], TYPE_PROMPT, (const char *)name->bytes, name->length) < 0;
    return first;
}

void reads_core_prompts(void *self, struct core *core)
{
    struct asking *asking = self;
    const struct image *images[SETTINGS_IMAGES_MAX];
    const size_t count = settings_images(core, images, SETTINGS_IMAGES_MAX);
    uint64_t from = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS), number = 0;
    json_t *list = json_array();
    struct text name;
    json_put(asking->into, "prompts", list);
    for (size_t i = 0; i < count; i++)
        for (uint32_t at = 0; at < image_count(images[i], SECTION_NAMES); at++)
            if (prompt_is_first(images, i, at, &name) && number++ >= from && json_array_size(list) < limit) {
                json_t *object = json_object();
                json_put(object, "name", json_text_of((struct span){(const uint8_t *)name.bytes, name.length}));
                json_append(list, object);
            }
    json_put_next(asking, number > from + json_array_size(list), from + json_array_size(list));
}

/* Adds the display name that agents of the directory have. */
void reads_core_reasons(void *self, struct core *core)
{
    struct asking *asking = self;
    uint64_t at = reads_asked_number(asking, "from", 0), limit = reads_asked_rows(asking, PAGE_ROWS);
    struct reason_row row;
    json_t *list = json_array();
    json_put(asking->into, "reasons", list);
    for (; json_array_size(list) < limit && core_reason(core, (uint32_t)at, &row); at++) {
        json_t *object = json_object();
        json_put(object, "name", json_text_of(row.name));
        json_put(object, "display", json_text_of(row.display));
        json_append(list, object);
    }
    json_put_next(asking, core_reason(core, (uint32_t)at, &row), at);
}
