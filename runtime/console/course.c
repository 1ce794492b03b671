/* runtime/console/course.c - Counts what changes from one reading to the next. */
#include "runtime/console/course.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/console/soon.h"

enum { MINUTES = 30, POINTS = 36, POINT_S = 300, SERVES_S = 24 * 3600, SOON_EACH_S = 10 };
/* SPANS: so many times at which an agent was logged in are known. THERE_S: one that ended so long ago is forgotten.
 * AWAY_S: who comes back within this time was not away. */
enum { SPANS = 32, THERE_S = 36 * 3600, AWAY_S = 60 };
/* SEEN_EACH_S: so often the time of the last reading is kept. UNSEEN_S: if no reading was made for so long, who has
 * another state than before may have been away. */
enum { SEEN_EACH_S = 60, UNSEEN_S = 180 };
#define SEEN_NAME "" /* the name under which the time of the last reading is kept: no agent has it */

enum { DOES_available, DOES_talks, DOES_offered, DOES_after_call_work, DOES_not_ready, DOES_COUNT };
static const char *const course_words[] = {"available", "talks", "offered", "after_call_work", "not_ready"};

struct course_queue_of { /* a queue */
    GHashTable *people;  /* by agent: uint64_t, when they had a contact of it last; owned */
    GHashTable *media;   /* a set: the media of its contacts; empty: none was read yet */
    struct course_minute {
        uint64_t number; /* of the minute, since 1970 */
        uint64_t came, served, left, busy_us, waited_us;
    } minutes[MINUTES];
    struct course_point {
        uint64_t number; /* of the five minutes */
        uint32_t waiting, available;
    } points[POINTS];
    uint64_t came, served, left, read_us; /* as they were read last */
    unsigned does[DOES_COUNT];
    GHashTable *reasons; /* by reason: how many */
    json_t *soon;        /* computed at soon_us; NULL: never */
    uint64_t soon_us;
};

struct course_agent_of { /* an agent */
    GHashTable *talks;   /* a set: ids of the calls, chats and so on that the agent has now */
    unsigned does;       /* DOES_COUNT: logged out */
    json_t *states;      /* by medium; NULL: not read yet */
    char *reason;        /* why the agent is not ready, in some medium */
    uint64_t took, day, seen;
    struct course_span {
        uint64_t from_us, to_us; /* to_us: 0, the agent is logged in still */
    } there[SPANS];
    unsigned there_count;
    uint64_t known_us; /* before it nobody knows whether the agent was logged in; 0: no reading has had the agent yet */
    bool changed;      /* what is kept of the agent is another since it was kept last */
};

struct courses {
    struct course_keeper keeper;
    GHashTable *queues, *agents;
    /* by the id of a call, chat and so on that somebody has: the queue for which an agent was chosen; owned. before: of
     * the reading before */
    GHashTable *of, *of_before;
    uint64_t count;            /* of readings of agents */
    uint64_t seen_us, kept_us; /* when agents were read last, and what is kept of that; 0: never */
};

static void course_queue_free(gpointer data)
{
    struct course_queue_of *queue = data;
    g_hash_table_destroy(queue->people);
    g_hash_table_destroy(queue->media);
    g_hash_table_destroy(queue->reasons);
    json_decref(queue->soon);
    free(queue);
}

static void course_agent_free(gpointer data)
{
    struct course_agent_of *agent = data;
    g_hash_table_destroy(agent->talks);
    json_decref(agent->states);
    g_free(agent->reason);
    free(agent);
}

struct courses *courses_new(struct course_keeper keeper)
{
    struct courses *courses = memory_zeroed(1, sizeof *courses);
    courses->keeper = keeper;
    courses->of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    courses->of_before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    courses->queues = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, course_queue_free);
    courses->agents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, course_agent_free);
    return courses;
}

void courses_free(struct courses *courses)
{
    if (!courses) return;
    g_hash_table_destroy(courses->queues);
    g_hash_table_destroy(courses->agents);
    g_hash_table_destroy(courses->of);
    g_hash_table_destroy(courses->of_before);
    free(courses);
}

static const char *course_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

static uint64_t course_number(const json_t *object, const char *member)
{
    json_int_t value = json_integer_value(json_object_get(object, member));
    return value > 0 ? (uint64_t)value : 0;
}

static struct course_queue_of *course_of(struct courses *courses, const char *name)
{
    struct course_queue_of *queue = g_hash_table_lookup(courses->queues, name);
    if (queue) return queue;
    queue = memory_zeroed(1, sizeof *queue);
    queue->people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    queue->media = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    queue->reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_insert(courses->queues, g_strdup(name), queue);
    return queue;
}

/* ---- agents ---- */

/* The agent's state in each medium. The telephone's state counts where the agent has one, or no medium. */
static json_t *course_states(const json_t *row)
{
    json_t *media = json_object_get(row, "media"), *states = json_object();
    json_object_update(states, media);
    if (json_is_true(json_object_get(row, "telephone")) || json_object_size(media) == 0)
        json_object_set_new(states, "voice", json_string(course_text(row, "state")));
    return states;
}

static bool course_in_state(json_t *states, GHashTable *of, const char *state)
{
    const char *medium;
    json_t *value;
    json_object_foreach(states, medium, value) if ((!of || g_hash_table_contains(of, medium)) &&
                                                   json_is_string(value) &&
                                                   strcmp(json_string_value(value), state) == 0) return true;
    return false;
}

/* What an agent without a contact does in these media; NULL: in any. */
static unsigned course_stands(json_t *states, GHashTable *of)
{
    if (course_in_state(states, of, "ready")) return DOES_available;
    if (course_in_state(states, of, "after_call_work")) return DOES_after_call_work;
    return course_in_state(states, of, "not_ready") ? DOES_not_ready : DOES_COUNT;
}

static unsigned course_does(const json_t *row, json_t *states)
{
    const json_t *first = json_array_get(json_object_get(row, "contacts"), 0);
    if (first) return json_is_true(json_object_get(first, "talks")) ? DOES_talks : DOES_offered;
    return course_stands(states, NULL);
}

/* What the agent does for the queue: who is ready for calls alone takes no chat. */
static unsigned course_does_for(const struct course_agent_of *agent, const struct course_queue_of *queue)
{
    if (agent->does == DOES_talks || agent->does == DOES_offered || !agent->states ||
        g_hash_table_size(queue->media) == 0)
        return agent->does;
    return course_stands(agent->states, queue->media);
}

static const char *course_reason(const json_t *row)
{
    const char *reason = course_text(row, "reason_display"), *medium;
    json_t *value;
    if (*reason) return reason;
    json_object_foreach(json_object_get(row, "media_reasons"), medium,
                        value) if (json_string_length(value) > 0) return json_string_value(value);
    return course_text(row, "reason");
}

/* Whoever takes a contact over, or has it handed on, was chosen for no queue: their contact still is of the queue for
 * which the agent before was. */
static void course_contact_of(struct courses *courses, json_t *contact)
{
    const char *ixn = course_text(contact, "ixn"), *vq = course_text(contact, "vq"), *of = vq;
    if (!*of) of = g_hash_table_lookup(courses->of, ixn);
    if (!of) of = g_hash_table_lookup(courses->of_before, ixn);
    if (!of || !*ixn) return;
    if (!*vq) json_object_set_new(contact, "of", json_string(of));
    g_hash_table_replace(courses->of, g_strdup(ixn), g_strdup(of));
}

/* Counts the contacts that the agent has begun since the last reading, and notes whose queues they are of. */
static void course_contacts(struct courses *courses, struct course_agent_of *agent, const json_t *row, uint64_t now_us)
{
    json_t *contacts = json_object_get(row, "contacts");
    GHashTable *talks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < json_array_size(contacts); i++) {
        json_t *one = json_array_get(contacts, i);
        course_contact_of(courses, one);
        const char *ixn = course_text(one, "ixn"), *vq = course_text(one, "vq");
        if (!json_is_true(json_object_get(one, "talks"))) continue;
        if (!g_hash_table_contains(agent->talks, ixn)) {
            agent->took++;
            agent->changed = true;
        }
        g_hash_table_add(talks, g_strdup(ixn));
        if (!*vq) continue;
        struct course_queue_of *queue = course_of(courses, vq);
        const char *medium = course_text(one, "media");
        if (*medium && !g_hash_table_contains(queue->media, medium)) g_hash_table_add(queue->media, g_strdup(medium));
        uint64_t *seen = g_new(uint64_t, 1);
        *seen = now_us;
        g_hash_table_replace(queue->people, g_strdup(course_text(row, "name")), seen);
    }
    g_hash_table_destroy(agent->talks);
    agent->talks = talks;
}

static struct course_agent_of *course_agent_named(struct courses *courses, const char *name)
{
    struct course_agent_of *agent = g_hash_table_lookup(courses->agents, name);
    if (agent) return agent;
    agent = memory_zeroed(1, sizeof *agent);
    agent->talks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_insert(courses->agents, g_strdup(name), agent);
    return agent;
}

/* ---- when agents were there ---- */

static void course_span_drop(struct course_agent_of *agent)
{
    if (agent->there[0].to_us > agent->known_us) agent->known_us = agent->there[0].to_us;
    memmove(agent->there, agent->there + 1, --agent->there_count * sizeof *agent->there);
    agent->changed = true;
}

/* The agent has this state since then, as gcxvm says. Of what was before the first reading nothing is known, and
 * nothing of the time in which none was made, if the agent has got the state in it. */
static void course_known(struct course_agent_of *agent, uint64_t seen_us, uint64_t at_us, uint64_t now_us)
{
    bool first = agent->known_us == 0;
    if (!first && (seen_us + UNSEEN_S * UINT64_C(1000000) >= now_us || at_us <= seen_us)) return;
    agent->known_us = at_us;
    agent->changed = true;
    struct course_span *last = agent->there_count > 0 ? &agent->there[agent->there_count - 1] : NULL;
    if (last && last->to_us == 0) last->to_us = seen_us > last->from_us ? seen_us : last->from_us + 1;
}

/* The agent is logged in, or is not, since `since_us` as gcxvm says; 0: it does not say. seen_us: when it was read last
 * before. */
static void course_there(struct course_agent_of *agent, bool there, uint64_t since_us, uint64_t seen_us,
                         uint64_t now_us)
{
    uint64_t at_us = since_us != 0 && since_us < now_us ? since_us : now_us;
    course_known(agent, seen_us, at_us, now_us);
    struct course_span *last = agent->there_count > 0 ? &agent->there[agent->there_count - 1] : NULL;
    while (agent->there_count > 0 && agent->there[0].to_us != 0 &&
           agent->there[0].to_us + THERE_S * UINT64_C(1000000) < now_us) {
        course_span_drop(agent);
        last = agent->there_count > 0 ? &agent->there[agent->there_count - 1] : NULL;
    }
    bool was = last && last->to_us == 0;
    if (was == there) return;
    agent->changed = true;
    if (!there)
        last->to_us = at_us > last->from_us ? at_us : now_us;
    else if (last && at_us < last->to_us + AWAY_S * UINT64_C(1000000))
        last->to_us = 0;
    else {
        if (agent->there_count == SPANS) course_span_drop(agent);
        agent->there[agent->there_count++] = (struct course_span){.from_us = at_us};
    }
}

static json_t *course_there_json(const struct course_agent_of *agent)
{
    json_t *list = json_array();
    for (unsigned at = 0; at < agent->there_count; at++)
        json_array_append_new(
            list, json_pack("[I, I]", (json_int_t)agent->there[at].from_us, (json_int_t)agent->there[at].to_us));
    return list;
}

/* ---- what is kept ---- */

static void course_keep(struct courses *courses, const char *name, struct course_agent_of *agent)
{
    GHashTableIter at;
    gpointer ixn, vq, queue;
    if (!agent->changed || !courses->keeper.keep) return;
    json_t *talks = json_array(), *serves = json_object();
    g_hash_table_iter_init(&at, agent->talks);
    while (g_hash_table_iter_next(&at, &ixn, NULL)) json_array_append_new(talks, json_string(ixn));
    g_hash_table_iter_init(&at, courses->queues);
    while (g_hash_table_iter_next(&at, &vq, &queue)) {
        const uint64_t *seen_us = g_hash_table_lookup(((struct course_queue_of *)queue)->people, name);
        if (seen_us) json_object_set_new(serves, vq, json_integer((json_int_t)*seen_us));
    }
    courses->keeper.keep(courses->keeper.self, name,
                         json_pack("{s:I, s:I, s:o, s:o, s:o, s:I}", "took", (json_int_t)agent->took, "day",
                                   (json_int_t)agent->day, "talks", talks, "serves", serves, "there",
                                   course_there_json(agent), "known_us", (json_int_t)agent->known_us));
    agent->changed = false;
}

static void course_seen(struct courses *courses, uint64_t now_us)
{
    courses->seen_us = now_us;
    if (!courses->keeper.keep || courses->kept_us + SEEN_EACH_S * UINT64_C(1000000) > now_us) return;
    courses->kept_us = now_us;
    courses->keeper.keep(courses->keeper.self, SEEN_NAME, json_pack("{s:I}", "seen_us", (json_int_t)now_us));
}

void courses_restore(struct courses *courses, const char *name, const json_t *row)
{
    if (strcmp(name, SEEN_NAME) == 0) {
        courses->seen_us = course_number(row, "seen_us");
        return;
    }
    struct course_agent_of *agent = course_agent_named(courses, name);
    const json_t *talks = json_object_get(row, "talks"), *there = json_object_get(row, "there");
    const char *vq;
    json_t *seen_us;
    json_object_foreach(json_object_get(row, "serves"), vq, seen_us)
    {
        uint64_t *seen = g_new(uint64_t, 1);
        *seen = json_integer_value(seen_us) > 0 ? (uint64_t)json_integer_value(seen_us) : 0;
        g_hash_table_replace(course_of(courses, vq)->people, g_strdup(name), seen);
    }
    agent->took = course_number(row, "took");
    agent->day = course_number(row, "day");
    for (size_t at = 0; at < json_array_size(talks); at++)
        if (json_is_string(json_array_get(talks, at)))
            g_hash_table_add(agent->talks, g_strdup(json_string_value(json_array_get(talks, at))));
    for (size_t at = 0; at < json_array_size(there) && agent->there_count < SPANS; at++) {
        json_int_t from_us = json_integer_value(json_array_get(json_array_get(there, at), 0));
        json_int_t to_us = json_integer_value(json_array_get(json_array_get(there, at), 1));
        if (from_us > 0 && (to_us == 0 || to_us > from_us))
            agent->there[agent->there_count++] = (struct course_span){(uint64_t)from_us, (uint64_t)to_us};
    }
    agent->known_us = course_number(row, "known_us");
    if (agent->known_us == 0 && agent->there_count > 0) agent->known_us = agent->there[0].from_us;
}

static void course_agent(struct courses *courses, json_t *row, uint64_t now_us)
{
    const char *name = course_text(row, "name");
    struct course_agent_of *agent = course_agent_named(courses, name);
    GDateTime *now = g_date_time_new_from_unix_local((gint64)(now_us / 1000000));
    uint64_t day = now ? (uint64_t)g_date_time_get_year(now) * 1000 + (uint64_t)g_date_time_get_day_of_year(now) : 0;
    if (now) g_date_time_unref(now);
    if (agent->day != day) agent->took = 0;
    agent->day = day;
    agent->seen = courses->count;
    json_decref(agent->states);
    agent->states = course_states(row);
    agent->does = course_does(row, agent->states);
    g_free(agent->reason);
    agent->reason = g_strdup(course_reason(row));
    course_contacts(courses, agent, row, now_us);
    course_there(agent, agent->does != DOES_COUNT, course_number(row, "since_us"), courses->seen_us, now_us);
    course_keep(courses, name, agent);
    if (agent->there_count > 0) json_object_set_new(row, "there", course_there_json(agent));
    json_object_set_new(row, "known_us", json_integer((json_int_t)agent->known_us));
    if (agent->took > 0) json_object_set_new(row, "took", json_integer((json_int_t)agent->took));
}

static gboolean course_agent_gone(gpointer name, gpointer value, gpointer self)
{
    const struct courses *courses = self;
    bool gone = ((struct course_agent_of *)value)->seen != courses->count;
    if (gone && courses->keeper.keep) courses->keeper.keep(courses->keeper.self, name, NULL);
    return gone;
}

/* Counts what those who serve the queue do. */
static void course_people(struct courses *courses, struct course_queue_of *queue, uint64_t now_us)
{
    GHashTableIter at;
    gpointer name, seen;
    memset(queue->does, 0, sizeof queue->does);
    g_hash_table_remove_all(queue->reasons);
    g_hash_table_iter_init(&at, queue->people);
    while (g_hash_table_iter_next(&at, &name, &seen)) {
        const struct course_agent_of *agent = g_hash_table_lookup(courses->agents, name);
        if (!agent || *(uint64_t *)seen + SERVES_S * UINT64_C(1000000) < now_us) {
            g_hash_table_iter_remove(&at);
            continue;
        }
        unsigned does = course_does_for(agent, queue);
        if (does == DOES_COUNT) continue;
        queue->does[does]++;
        if (does != DOES_not_ready) continue;
        const char *reason = agent->reason ? agent->reason : "";
        g_hash_table_replace(queue->reasons, g_strdup(reason),
                             GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(queue->reasons, reason)) + 1));
    }
}

void course_agents(struct courses *courses, json_t *agents, uint64_t now_us)
{
    GHashTableIter at;
    gpointer queue;
    GHashTable *of = courses->of_before;
    courses->of_before = courses->of;
    courses->of = of;
    g_hash_table_remove_all(of);
    courses->count++;
    for (size_t i = 0; i < json_array_size(agents); i++) course_agent(courses, json_array_get(agents, i), now_us);
    course_seen(courses, now_us);
    g_hash_table_foreach_remove(courses->agents, course_agent_gone, courses);
    g_hash_table_iter_init(&at, courses->queues);
    while (g_hash_table_iter_next(&at, NULL, &queue)) course_people(courses, queue, now_us);
}

/* ---- queues ---- */

static unsigned course_busy(const struct course_queue_of *queue)
{
    return queue->does[DOES_talks] + queue->does[DOES_offered] + queue->does[DOES_after_call_work];
}

/* Adds to the minute what has happened since the last reading. Figures of gcxvm that are smaller than before are those
 * of another gcxvm. */
static void course_minute(struct course_queue_of *queue, const json_t *row, uint64_t now_us)
{
    uint64_t came = course_number(row, "entered"), served = course_number(row, "distributed"),
             left = course_number(row, "abandoned"), number = now_us / 60000000;
    struct course_minute *minute = &queue->minutes[number % MINUTES];
    uint64_t lasted_us = queue->read_us != 0 && now_us > queue->read_us ? now_us - queue->read_us : 0;
    if (minute->number != number) *minute = (struct course_minute){.number = number};
    if (queue->read_us != 0 && came >= queue->came) minute->came += came - queue->came;
    if (queue->read_us != 0 && served >= queue->served) minute->served += served - queue->served;
    if (queue->read_us != 0 && left >= queue->left) minute->left += left - queue->left;
    if (lasted_us < 60000000) {
        minute->busy_us += lasted_us * course_busy(queue);
        minute->waited_us += lasted_us * course_number(row, "waiting");
    }
    queue->came = came;
    queue->served = served;
    queue->left = left;
    queue->read_us = now_us;
}

static void course_point(struct course_queue_of *queue, const json_t *row, uint64_t now_us)
{
    uint64_t number = now_us / 1000000 / POINT_S;
    uint32_t waiting = (uint32_t)course_number(row, "waiting"), available = queue->does[DOES_available];
    struct course_point *point = &queue->points[number % POINTS];
    if (point->number != number) *point = (struct course_point){number, waiting, available};
    if (waiting > point->waiting) point->waiting = waiting;
    if (available < point->available) point->available = available;
}

/* [waiting, available] of each five minutes, the oldest first; null where nothing was read. */
static json_t *course_points(const struct course_queue_of *queue, uint64_t now_us)
{
    uint64_t last = now_us / 1000000 / POINT_S;
    json_t *list = json_array();
    for (uint64_t number = last + 1 - POINTS; number <= last; number++) {
        const struct course_point *point = &queue->points[number % POINTS];
        bool there = point->number == number;
        if (!there && json_array_size(list) == 0) continue;
        json_array_append_new(list,
                              there ? json_pack("[i, i]", (int)point->waiting, (int)point->available) : json_null());
    }
    return list;
}

/* How the queue goes on: by what came within fifteen minutes, and how long contacts took within thirty. */
static struct soon_now course_now(const struct course_queue_of *queue, const json_t *row, uint64_t now_us)
{
    uint64_t last = now_us / 60000000, came = 0, served = 0, busy_us = 0, left = 0, waited_us = 0, minutes = 0;
    for (unsigned i = 0; i < MINUTES; i++) {
        const struct course_minute *minute = &queue->minutes[i];
        if (minute->number + MINUTES <= last || minute->number > last) continue;
        served += minute->served;
        busy_us += minute->busy_us;
        left += minute->left;
        waited_us += minute->waited_us;
        if (minute->number + 15 <= last) continue;
        came += minute->came;
        minutes++;
    }
    struct soon_now now = {.waiting = (uint32_t)course_number(row, "waiting"),
                           .people = queue->does[DOES_available] + course_busy(queue),
                           .busy = course_busy(queue)};
    if (minutes >= 5) now.per_s = (double)came / (double)(minutes * 60);
    if (minutes >= 5 && served >= 3) now.serve_s = (double)busy_us / 1e6 / (double)served;
    if (waited_us > 0) now.leaves_per_s = (double)left * 1e6 / (double)waited_us;
    return now;
}

/* What it will come to, for each bound of the last hour; computed each SOON_EACH_S, as it takes some time. */
static json_t *course_soon(struct course_queue_of *queue, const json_t *row, uint64_t now_us)
{
    if (queue->soon && queue->soon_us + SOON_EACH_S * UINT64_C(1000000) > now_us) return json_incref(queue->soon);
    const struct soon_now now = course_now(queue, row, now_us);
    const json_t *bounds = json_object_get(json_object_get(row, "last_hour"), "within_s");
    uint32_t within_s[SOON_BOUNDS];
    int permille[SOON_BOUNDS];
    unsigned count = 0;
    for (size_t i = 0; i < json_array_size(bounds) && count < SOON_BOUNDS; i++) {
        const json_t *bound = json_array_get(json_array_get(bounds, i), 0);
        if (json_is_integer(bound)) within_s[count++] = (uint32_t)json_integer_value(bound);
    }
    soon_permille(&now, within_s, count, permille);
    json_decref(queue->soon);
    queue->soon = json_array();
    queue->soon_us = now_us;
    for (unsigned i = 0; i < count; i++)
        if (permille[i] >= 0)
            json_array_append_new(queue->soon, json_pack("[I, i]", (json_int_t)within_s[i], (permille[i] + 5) / 10));
    return json_incref(queue->soon);
}

static json_t *course_people_json(const struct course_queue_of *queue)
{
    json_t *people = json_object(), *reasons = json_object();
    GHashTableIter at;
    gpointer reason, count;
    for (unsigned i = 0; i < DOES_COUNT; i++)
        if (queue->does[i] > 0) json_object_set_new(people, course_words[i], json_integer((json_int_t)queue->does[i]));
    g_hash_table_iter_init(&at, queue->reasons);
    while (g_hash_table_iter_next(&at, &reason, &count))
        json_object_set_new(reasons, reason, json_integer(GPOINTER_TO_UINT(count)));
    if (json_object_size(reasons) > 0)
        json_object_set_new(people, "reasons", reasons);
    else
        json_decref(reasons);
    return people;
}

void course_queue(struct courses *courses, json_t *row, uint64_t now_us)
{
    const char *name = course_text(row, "name");
    if (!*name) return;
    struct course_queue_of *queue = course_of(courses, name);
    course_minute(queue, row, now_us);
    course_point(queue, row, now_us);
    json_object_set_new(row, "people", course_people_json(queue));
    json_object_set_new(row, "soon", course_soon(queue, row, now_us));
    json_object_set_new(row, "course", course_points(queue, now_us));
}
