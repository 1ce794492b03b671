/* tests/unit/core_prefer.c - Agents take from virtual queues in the order of their profiles, and not before the delays.
 *
 * Agents, calls and chats come and go by chance, profiles and their rows change, and time passes. At each decision, and
 * after each event, an evaluator that looks at all agents and all visits, with the test's own notes of the profiles,
 * says who may be chosen. The core's invariants compare the index with a slow search of its own (select_check.c), and
 * afterwards another core that is fed the same must come to the same digests. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/check.h"
#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/directory/change.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/candidates.h"
#include "runtime/core/queues/match.h"
#include "runtime/core/queues/prefer.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

TestSuite(core_prefer, .timeout = 240);

enum { AGENTS = 12, CALLS = 24, STEPS = 2500, ROUNDS = 4, PROFILES = 4, QUEUES = 4, NEVER = -1, SECOND = 1000000 };

static const char *const queues[QUEUES] = {"sales", "service", "billing", "*"};
static const char *const profiles[PROFILES] = {"", "early", "late", "picky"};

/* What the test has told the core: rows of each profile, and the profile of each agent. */
static struct told {
    struct {
        bool there;
        int rank, delay_s;
    } rows[PROFILES][QUEUES];
    unsigned profile[AGENTS], by_hand[AGENTS]; /* by_hand: PROFILES if no change by hand is in force */
} told;
static uint64_t decided, preferred, passed_over;

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

/* The orders of the site, in turn; the first site has none. */
static const char *const orders[] = {
    "",
    "order for agents by priority { vq billing; vq sales, vq service after 10s; }",
    "order for agents by age { vq service; others after 5s; vq billing never; }",
    "order for agents { vq sales after 10s; vq billing; others never; }",
};
enum { ORDERS_TRIED = sizeof orders / sizeof *orders };

/* What that order says to agents without a profile. */
static void order_told(uint64_t order)
{
    static const int rows[ORDERS_TRIED][QUEUES][3] = {
        {{0}},
        {{1, 2, 10}, {1, 2, 10}, {1, 1, 0}, {0}},
        {{0}, {1, 1, 0}, {1, 0, 0}, {1, 2, 5}},
        {{1, 1, 10}, {0}, {1, 2, 0}, {1, 0, 0}},
    };
    for (unsigned at = 0; at < QUEUES; at++) {
        told.rows[0][at].there = rows[order][at][0] != 0;
        told.rows[0][at].rank = rows[order][at][1];
        told.rows[0][at].delay_s = rows[order][at][2];
    }
}

static struct image *compiled(uint64_t order)
{
    const char *source = getenv("top_srcdir"), *build = getenv("top_builddir");
    char command[2048], path[] = "/tmp/gcx-image-XXXXXX", text[] = "/tmp/gcx-order-XXXXXX.gcx";
    static uint8_t bytes[1 << 18];
    struct error error = {0};
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    fd = mkstemps(text, 4);
    cr_assert_geq(fd, 0);
    close(fd);
    snprintf(command, sizeof command,
             "sed 's/^    queue desk;/& %s/' %s/tests/unit/core_prefer.gcx >%s && %s/gcxc build --site %s %s -o %s",
             orders[order], source ? source : "..", text, build ? build : ".", text, text, path);
    cr_assert_eq(system(command), 0);
    unlink(text);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = read(fd, bytes, sizeof bytes);
    close(fd);
    unlink(path);
    cr_assert(length > 0 && (size_t)length < sizeof bytes);
    struct image *image = image_load(bytes, (size_t)length, &error);
    cr_assert(image, "%s", error.text);
    return image;
}

static struct span name_of(const struct core *core, uint32_t name)
{
    return names_text(core->names, name);
}

/* Returns the rank by the test's own notes; 0: the agent may not take from the queue after such a wait. */
static int rank_told(const struct core *core, uint32_t agent, uint32_t vq, uint64_t waited_us)
{
    struct span text = name_of(core, agent_at(core->agents, agent)->name), queue = name_of(core, vq);
    unsigned number = 0, of = QUEUES - 1;
    bool any = false;
    for (uint32_t at = 1; at < text.length; at++) number = number * 10 + text.bytes[at] - '0';
    if (text.bytes[0] != 'a' || number >= AGENTS) return 1;
    unsigned profile = told.by_hand[number] < PROFILES ? told.by_hand[number] : told.profile[number];
    for (unsigned at = 0; at < QUEUES; at++) any = any || told.rows[profile][at].there;
    if (!any) profile = 0;
    for (unsigned at = 0; at < QUEUES; at++) any = any || told.rows[0][at].there;
    if (!any) return 1;
    for (unsigned at = 0; at + 1 < QUEUES; at++)
        if (span_is(queue, queues[at]) && told.rows[profile][at].there) of = at;
    if (!told.rows[profile][of].there) return PREFER_LAST;
    bool waits = waited_us < (uint64_t)told.rows[profile][of].delay_s * SECOND;
    return waits ? 0 : told.rows[profile][of].rank;
}

enum { ANY_LINE = UINT16_MAX };

/* Returns the rank of the visit for the agent, over all lines that take the agent, or by that line alone; 0: none does
 * now. */
static int line_rank_slowly(struct core *core, const struct visit *visit, uint32_t agent, uint16_t only)
{
    struct vqs *vqs = core->vqs;
    struct selector want = *selector_at(&vqs->wants, visit->want);
    uint64_t waited_us = core->now->time_us - visit_entered_us(vqs, visit);
    int best = 0;
    uint16_t lines = want.count;
    bool was = vqs->preferred;
    vqs->preferred = false;
    for (uint16_t line = 0; line < lines; line++) {
        uint8_t unused;
        if (want.lines[line].kind != LINE_LEAF && want.lines[line].kind != LINE_TARGET) continue;
        if (only != ANY_LINE && line != only) continue;
        enum line_kind kinds[64];
        cr_assert_leq(lines, 64);
        for (uint16_t other = 0; other < line; other++) { /* only this line may match */
            kinds[other] = want.lines[other].kind;
            if (kinds[other] == LINE_TARGET || kinds[other] == LINE_LEAF) want.lines[other].kind = LINE_UNTIL;
        }
        int32_t found = match_line_slowly(vqs, &want, agent, &unused);
        for (uint16_t other = 0; other < line; other++) want.lines[other].kind = kinds[other];
        if (found != line) continue;
        int rank = rank_told(core, agent, match_vq(vqs, &want, line), waited_us);
        if (rank > 0 && (best == 0 || rank < best)) best = rank;
    }
    vqs->preferred = was;
    return best;
}

static int rank_slowly(struct core *core, const struct visit *visit, uint32_t agent)
{
    return line_rank_slowly(core, visit, agent, ANY_LINE);
}

static bool is_free(struct core *core, const struct visit *visit, uint32_t agent)
{
    return match_open(core->vqs, selector_at(&core->vqs->wants, visit->want), agent);
}

/* By share: the agent has the best rank of the queue among all who are ready, for a line that takes the agent. Where
 * agents became ready, those who were it before could not take the visit, at least not before this very moment. */
static bool share_is_ranked(struct core *core, const struct visit *visit, uint32_t taken, bool fresh)
{
    uint16_t lines = selector_at(&core->vqs->wants, visit->want)->count;
    if (core->preferences->order != PREFER_rank) return true;
    for (uint16_t line = 0; line < lines; line++) {
        int own = line_rank_slowly(core, visit, taken, line), best = own;
        for (uint32_t agent = 0; agent < core->agents->count && own != 0; agent++) {
            const struct agent *who = agent_at(core->agents, agent);
            if (!who->listed || (fresh && !who->dirty) || !is_free(core, visit, agent)) continue;
            int rank = line_rank_slowly(core, visit, agent, line);
            if (rank != 0 && rank < best) best = rank;
        }
        if (own != 0 && own == best) return true;
    }
    return false;
}

/* At a decision: nobody who is ready would have been a better choice. */
static void on_deciding(void *self, struct core *core, uint64_t ixn, struct span chosen, struct span vq)
{
    (void)self;
    (void)vq;
    struct interaction *ix = interaction_by_id(core->interactions, ixn);
    const struct visit *visit = visit_at(core->vqs, ix->visit);
    const struct selector *want = selector_at(&core->vqs->wants, visit->want);
    uint32_t taken = AGENT_NONE, first = AGENT_NONE;
    int best = 0;
    bool fresh = core->agents->dirty_count != 0, plain = true, shares = false;
    for (uint32_t line = 0; line < want->count; line++) {
        plain = plain && want->lines[line].kind != LINE_ORDER;
        shares = shares || (want->lines[line].kind == LINE_ORDER && want->lines[line].type == ORDER_share);
    }
    for (uint32_t agent = 0; agent < core->agents->count; agent++) {
        const struct agent *who = agent_at(core->agents, agent);
        if (who->name == 0) continue;
        struct span text = name_of(core, who->name);
        if (span_equal(text, chosen)) taken = agent;
        if (!who->listed || (fresh && !who->dirty) || !is_free(core, visit, agent)) continue;
        int rank = rank_slowly(core, visit, agent);
        bool by_rank = core->preferences->order == PREFER_rank;
        bool better =
            rank != 0 && (first == AGENT_NONE || (by_rank && rank < best) ||
                          ((rank == best || !by_rank) && who->idle_rank < agent_at(core->agents, first)->idle_rank));
        passed_over += rank == 0;
        if (!better) continue;
        first = agent;
        best = rank;
    }
    if (taken == AGENT_NONE) {
        cr_assert(fresh || first == AGENT_NONE, "a ready agent of rank %d was not chosen", best);
        return;
    }
    int rank = rank_slowly(core, visit, taken);
    decided++;
    preferred += best > 1;
    cr_assert_neq(rank, 0, "chosen before the delay was over, or never");
    if (shares) {
        cr_assert(share_is_ranked(core, visit, taken, fresh),
                  "of the agents of its line another one has a better rank");
        return;
    }
    if (core->preferences->order == PREFER_rank) cr_assert_eq(rank, best);
    if (plain) cr_assert_eq(taken, first);
}

/* Between events: no ready agent may take one who waits. The time of the delays is the test's own. */
static void nobody_is_passed(struct core *core)
{
    for (uint32_t at = 0; at < core->vqs->visit_count; at++) {
        const struct visit *visit = &core->vqs->visits[at];
        if (visit->state != VISIT_WAITING || visit->want == SELECTOR_NONE) continue;
        for (uint32_t agent = 0; agent < core->agents->count; agent++)
            if (agent_at(core->agents, agent)->listed && is_free(core, visit, agent))
                cr_assert_eq(rank_slowly(core, visit, agent), 0, "a ready agent and a visit wait for each other");
    }
}

struct person {
    char name[8], dn[8];
};

static struct person person(uint64_t number)
{
    struct person person;
    snprintf(person.name, sizeof person.name, "a%u", (unsigned)number);
    snprintf(person.dn, sizeof person.dn, "%u", 8000 + (unsigned)number);
    return person;
}

static void has_profile(struct core_world *world, unsigned number, unsigned profile)
{
    struct person who = person(number);
    told.profile[number] = profile;
    directory(world, table_agent, who.name,
              (const char *const[]){"name", who.name, "capacity", number % 2 ? "blended" : "", "profile",
                                    profiles[profile], NULL});
}

/* A supervisor gives the agent another profile until a time, or takes that back. */
static void by_hand(struct core_world *world, unsigned number, unsigned profile)
{
    struct person who = person(number);
    struct kv row;
    kv_init(&row);
    bool any = false;
    const struct preferences *prefer = world->core->preferences;
    for (uint32_t at = 0; profile < PROFILES && at < prefer->count; at++)
        any = any || span_is(name_of(world->core, prefer->all[at].profile), profiles[profile]);
    if (profile < PROFILES && !any) profile = 0;
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_agent_profile);
    writer_text(writer, DirectoryRow_key, who.name);
    kv_put_text(&row, "value", span_of(profiles[profile % PROFILES]));
    if (profile < PROFILES) writer_kv(writer, DirectoryRow_row, &row);
    writer_u(writer, DirectoryRow_hand, true);
    world_post(world);
    kv_free(&row);
    told.by_hand[number] = profile;
}

static void row_changes(struct core_world *world, unsigned profile, unsigned queue, uint64_t *seed)
{
    char key[32];
    bool gone = draw(seed, 5) == 0;
    int of = (int)draw(seed, 5), delay_s = draw(seed, 2) == 0 ? 0 : (int)draw(seed, 4) * 10;
    snprintf(key, sizeof key, "%s/%s", profiles[profile], queues[queue]);
    told.rows[profile][queue].there = !gone;
    told.rows[profile][queue].rank = of;
    told.rows[profile][queue].delay_s = delay_s;
    struct kv row;
    kv_init(&row);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_profile);
    writer_text(writer, DirectoryRow_key, key);
    kv_put_int(&row, "rank", of);
    kv_put_int(&row, "delay_s", delay_s);
    if (!gone) writer_kv(writer, DirectoryRow_row, &row);
    world_post(world);
    kv_free(&row);
}

static void supervises(struct core_world *world, uint64_t *seed)
{
    for (uint64_t changes = 1 + draw(seed, 4); changes > 0; changes--) {
        unsigned number = (unsigned)draw(seed, AGENTS);
        switch (draw(seed, 4)) {
        case 0:
            has_profile(world, number, (unsigned)draw(seed, PROFILES));
            break;
        case 1:
            by_hand(world, number, (unsigned)draw(seed, PROFILES + 3));
            break;
        case 2:
            row_changes(world, 1 + (unsigned)draw(seed, PROFILES - 1), (unsigned)draw(seed, QUEUES), seed);
            break;
        default:
            skill(world, person(number).name, draw(seed, 2) == 0 ? "English" : "French", (int)draw(seed, 11));
        }
    }
    for (unsigned number = 0; number < AGENTS; number++) { /* a change by hand ends with its profile */
        unsigned profile = told.by_hand[number];
        bool any = profile == 0 || profile >= PROFILES;
        for (unsigned queue = 0; queue < QUEUES && !any; queue++) any = told.rows[profile][queue].there;
        if (!any) told.by_hand[number] = PROFILES;
    }
    commit(world, false); /* and agents are chosen at once */
}

static void comes(struct core_world *world, uint64_t conn, enum media medium)
{
    struct writer *writer = world_event(world, LINK, KIND_EventCallCreated, 0, 0, conn);
    writer_u(writer, EventCallCreated_media, medium);
    writer_u(writer, EventCallCreated_call_type, call_type_inbound);
    writer_text(writer, EventCallCreated_dnis, "1800");
    world_post(world);
    route_request(world, conn, 0);
}

static void step(struct core_world *world, uint64_t *seed, bool quiet)
{
    uint64_t conn = CALL + draw(seed, quiet ? 5 : CALLS), kind = draw(seed, 100);
    struct person who = person(draw(seed, AGENTS));
    if (kind < 30) {
        comes(world, conn, draw(seed, 4) == 0 ? media_chat : media_voice);
    } else if (kind < 58) {
        agent(world, who.name, who.dn, draw(seed, 4) == 0 ? agent_state_not_ready : agent_state_ready);
    } else if (kind < 72) {
        const struct sent *sent = &world->sent[draw(seed, 16)];
        if (sent->kind == KIND_RequestRouteCall) talk(world, sent->conn, sent->dest, NULL);
    } else if (kind < 84) {
        deleted(world, conn);
    } else if (kind < 96) {
        world_advance(world, draw(seed, 8 * SECOND));
    } else {
        supervises(world, seed);
    }
    world_forget(world);
    nobody_is_passed(world->core);
}

Test(core_prefer, each_choice_is_that_of_a_look_at_all_agents_and_visits)
{
    const char *rounds = getenv("GCX_PREFER_ROUNDS"); /* 100 of them are a million steps */
    const uint64_t from = drawn_from(), count = rounds ? strtoull(rounds, NULL, 10) * ROUNDS : ROUNDS;
    for (uint64_t round = 0; round < count; round++) {
        uint64_t seed = (from + round) * 104729 + 5;
        struct core_world *world = world_new();
        told = (struct told){0};
        order_told(round % ORDERS_TRIED);
        for (unsigned number = 0; number < AGENTS; number++) told.by_hand[number] = PROFILES;
        world->core->candidates->few = (uint32_t)draw(&seed, 2) * 32;
        world->core->options.deciding = on_deciding;
        for (unsigned number = 0; number < AGENTS; number++) {
            has_profile(world, number, number % PROFILES);
            skill(world, person(number).name, "English", 1 + (int)draw(&seed, 10));
            if (draw(&seed, 2)) skill(world, person(number).name, "French", 1 + (int)draw(&seed, 10));
        }
        for (unsigned number = 0; number < AGENTS; number += 3) {
            char key[32];
            struct person who = person(number);
            snprintf(key, sizeof key, "night/%s", who.name);
            directory(world, table_group_member, key, (const char *const[]){"agent", who.name, "group", "night", NULL});
        }
        commit(world, false);
        world_run(world, compiled(round % ORDERS_TRIED));
        for (int times = 0; times < 6; times++) supervises(world, &seed);
        for (int times = 0; times < STEPS; times++) step(world, &seed, round % 2 == 1);
        world_end(world);
    }
    cr_assert_gt(decided, count * 100);
    cr_assert_gt(preferred, count * 10);
    cr_assert_gt(passed_over, count * 20);
}

/* So many rows of one profile, each of a queue of its own; `gone`: they are removed. */
static void rows_of(struct core_world *world, const char *profile, unsigned rows, bool gone)
{
    for (unsigned row = 0; row < rows; row++) {
        char key[32];
        struct kv values;
        snprintf(key, sizeof key, "%s/q%u", profile, row);
        kv_init(&values);
        kv_put_int(&values, "rank", 1);
        struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
        writer_u(writer, DirectoryRow_version, 1);
        writer_u(writer, DirectoryRow_table, table_profile);
        writer_text(writer, DirectoryRow_key, key);
        if (!gone) writer_kv(writer, DirectoryRow_row, &values);
        world_post(world);
        kv_free(&values);
    }
}

static void whole_profile(struct core_world *world, const char *profile, unsigned rows)
{
    rows_of(world, profile, rows, false);
    commit(world, true);
}

Test(core_prefer, a_directory_with_other_profiles_has_all_their_rows)
{
    struct core_world *world = world_new();
    whole_profile(world, "early", 1100);
    whole_profile(world, "late", 1100);
    cr_assert_eq(world->core->preferences->count, 1100u);
    whole_profile(world, "picky", 2000);
    cr_assert_eq(world->core->preferences->count, 2000u);
    whole_profile(world, "other", 2001); /* refused */
    cr_assert_eq(world->core->preferences->count, 2000u);
    rows_of(world, "early", 1500, false);
    rows_of(world, "picky", 2000, true);
    commit(world, false);
    cr_assert_eq(world->core->preferences->count, 1500u);
    rows_of(world, "late", 501, false); /* refused */
    commit(world, false);
    cr_assert_eq(world->core->preferences->count, 1500u);
    rows_of(world, "early", 700, true); /* rows go, and none comes: the ranks are made anew */
    commit(world, false);
    cr_assert_eq(world->core->preferences->count, 800u);
    struct error error;
    cr_assert(core_check(world->core, &error), "%s", error.text);
    world_free(world);
}

static struct span profile_in_force(const struct core_world *world, const char *agent)
{
    uint32_t index;
    cr_assert(core_agent_named(world->core, span_of(agent), &index));
    return name_of(world->core, agent_at(world->core->agents, index)->profile);
}

Test(core_prefer, a_change_by_hand_ends_with_its_profile_and_that_is_noted)
{
    struct core_world *world = world_new();
    struct note_row note;
    bool noted = false;
    told = (struct told){0};
    rows_of(world, "early", 2, false);
    rows_of(world, "late", 2, false);
    commit(world, false);
    has_profile(world, 0, 1);
    by_hand(world, 0, 2);
    by_hand(world, 1, 0);
    commit(world, false);
    cr_assert(span_is(profile_in_force(world, "a0"), "late"));
    rows_of(world, "late", 1, true);
    commit(world, false);
    cr_assert(span_is(profile_in_force(world, "a0"), "late"), "a row of it is left");
    rows_of(world, "late", 2, true);
    commit(world, false);
    cr_assert(span_is(profile_in_force(world, "a0"), "early"), "the directory's is in force again");
    cr_assert_eq(world->core->changes->open, 1u, "none by hand stays");
    for (uint64_t number = 0; core_note(world->core, NOTES_OF_CHANGES, &number, &note); number++)
        noted = noted || (strcmp(note.what, "taken back") == 0 && span_is(note.name, "a0") &&
                          span_is(note.why, "the directory has no profile of this name any more"));
    cr_assert(noted);
    struct error error;
    cr_assert(core_check(world->core, &error), "%s", error.text);
    world_free(world);
}
