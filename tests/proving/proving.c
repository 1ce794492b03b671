/* tests/proving/proving.c - Plays a story, and shortens a story that fails. */
#include "tests/proving/proving.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/base/table.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/totals.h"
#include "runtime/journal/snapshots.h"
#include "tests/proving/proving_state.h"
#include "tests/proving/starved.h"
#include "base/memory.h"

enum { QUIET_S = 4 * 3600 };

/* ---- planned events whose time has come ---- */

static void proving_deed(struct proving *world, const struct told_deed *deed)
{
    switch ((enum told)deed->what) {
    case TOLD_call:
        proving_call_arrives(world, deed);
        break;
    case TOLD_mail:
        proving_mail_arrives(world, deed);
        break;
    case TOLD_passage:
        proving_passage_comes(world);
        break;
    case TOLD_lend:
    case TOLD_recall:
        proving_far_lends(world, deed);
        break;
    case TOLD_far:
        proving_far_deed(world, deed);
        break;
    case TOLD_skew:
        (deed->a == 2 ? proving_far_deed : proving_node_deed)(world, deed);
        break;
    case TOLD_cut:
        proving_wire_cut(world, PROVING_SWITCH + deed->a, (uint64_t)deed->b * 1000);
        break;
    case TOLD_adapter:
        proving_wire_dies(world, PROVING_SWITCH + deed->a, (uint64_t)deed->b * 1000);
        break;
    case TOLD_hang:
        proving_wire_hangs(world, PROVING_SWITCH + deed->a, (uint64_t)deed->b * 1000);
        break;
    case TOLD_away:
    case TOLD_gone:
        proving_agent_leaves(world, deed->a, deed->what == TOLD_gone, (uint64_t)deed->b * 1000);
        break;
    default:
        proving_node_deed(world, deed);
        break;
    }
}

static void proving_due(struct proving *world, const struct agenda_entry *entry)
{
    switch ((enum proving_due)entry->kind) {
    case DUE_DEED:
        proving_deed(world, &world->story->deeds[entry->who]);
        break;
    case DUE_RESTART:
        proving_node_restart(world, entry->who);
        break;
    case DUE_WAKE:
        proving_node_wake(world, entry->who);
        break;
    case DUE_LOOK:
        proving_node_look(world, entry->who, entry->what);
        break;
    case DUE_BEAT:
        proving_node_beat(world, entry->who, entry->what);
        break;
    case DUE_CONNECT:
        proving_wire_connect(world, entry->who);
        break;
    case DUE_BREAKS:
        proving_wire_cut(world, entry->who, 0);
        break;
    case DUE_NOTICED:
        proving_wire_noticed(world, entry->who, entry->what);
        break;
    case DUE_SILENT:
        proving_wire_silent(world, entry->who, entry->what);
        break;
    case DUE_UP:
        proving_wire_up(world, entry->who, entry->what);
        break;
    case DUE_DOWN:
        proving_wire_down(world, entry->who, entry->what);
        break;
    case DUE_SUBMIT:
        proving_mail_submit(world, entry->who);
        break;
    case DUE_SENT:
        proving_mail_sent(world, entry->who);
        break;
    case DUE_WRITTEN:
        proving_source_written(world, entry->who);
        break;
    case DUE_JOB:
        proving_passage_job(world, entry->who);
        break;
    case DUE_LOOKS:
        proving_passages_look(world);
        break;
    case DUE_FAR:
        proving_passage_far(world, entry->who, entry->what);
        break;
    case DUE_FAR_LOOK:
        proving_far_looks(world);
        break;
    case DUE_COPIES:
        proving_store_copies(&world->store);
        break;
    case DUE_LETTER:
        proving_node_letter(world, entry->who);
        break;
    case DUE_READY:
    case DUE_INVITED:
    case DUE_WORKED:
        proving_agent_due(world, entry);
        break;
    default:
        proving_call_due(world, entry);
        break;
    }
}

/* ---- the end ---- */

/* Has everything come to its end: callers, e-mails, what adapters keep, and all that the core knows? */
static bool proving_rests(struct proving *world)
{
    struct core_status status;
    struct proving_node *leader = proving_leader(world);
    if (!leader || !proving_switch_rests(world) || !proving_passages_rest(world)) return false;
    for (unsigned i = 0; i < PROVING_LINKS; i++)
        if (!world->wires[i].greeted || world->wires[i].kept_count > 0) return false;
    for (uint32_t i = 0; i < world->mail_count; i++)
        if (world->mails[i].ixn == 0) return false;
    if (simulated_appends(leader->simulated)) return false;
    core_status(partition_core(leader->partition), &status);
    return status.interactions == 0 && status.waiting == 0 && status.claims == 0 &&
           proving_loans_rest(world, partition_core(leader->partition), world->far ? proving_far_core(world) : NULL);
}

static void proving_stuck(struct proving *world)
{
    struct proving_node *leader = proving_leader(world);
    struct interaction_row row = {0};
    struct core_status status = {0};
    uint64_t cursor = 0;
    if (!leader) {
        proving_fail(world, "nobody leads at the end");
        return;
    }
    core_status(partition_core(leader->partition), &status);
    if (status.interactions > 0) core_interaction(partition_core(leader->partition), &cursor, &row);
    proving_fail(world,
                 "not at its end: %" PRIu64 " interactions, %" PRIu64 " waiting, %" PRIu64
                 " claims; the first: %" PRIx64 " %.*s %.*s %.*s; callers gone: %d; kept by the adapters: %zu, %zu",
                 status.interactions, status.waiting, status.claims, row.ixn, (int)row.media.length,
                 (const char *)row.media.bytes, (int)row.state.length, (const char *)row.state.bytes,
                 (int)row.step.length, (const char *)row.step.bytes, proving_switch_rests(world),
                 world->wires[0].kept_count, world->wires[1].kept_count);
}

/* Ends all faults: from now on no new ones begin. */
static void proving_quiet(struct proving *world)
{
    world->quiet = true;
    world->store.full_until_us = 0;
    world->store.fate = FATES;
    world->store.denied = DENIED_NOTHING;
    for (unsigned i = 0; i < world->node_count; i++) {
        world->nodes[i].armed = KILLS;
        world->nodes[i].starves = world->nodes[i].starves_next = STARVED_NEVER;
    }
    proving_nodes_mend(world);
    proving_far_mend(world);
    proving_wires_mend(world);
}

/* Checks, while no message is on its way between the core and an adapter, that the core waits for no answer that
 * will never come. */
static void proving_owed(struct proving *world)
{
    static void (*const owes[PROVING_LINKS])(struct proving *, const struct core *) = {
        proving_switch_owes, proving_mail_owes, proving_passages_owe};
    struct proving_node *leader = proving_leader(world);
    size_t events, bytes;
    if (!leader || simulated_appends(leader->simulated)) return;
    partition_waiting(leader->partition, &events, &bytes);
    struct core *core = partition_core(leader->partition);
    if (events > 0 || core_next_timer(core) <= core_time(core)) return;
    for (unsigned link = PROVING_SWITCH; link < PROVING_SWITCH + PROVING_LINKS; link++)
        if (proving_wire_rests(world, link, leader) && strcmp(core_link_state(core, link), "up") == 0)
            owes[link - PROVING_SWITCH](world, core);
}

static void proving_goes_on(struct proving *world)
{
    struct agenda_entry entry;
    while (!world->failed) {
        proving_nodes_turn(world);
        proving_far_turn(world);
        proving_owed(world);
        if (world->failed || (world->quiet && proving_rests(world))) break;
        uint64_t next_us = agenda_next(&world->agenda), nodes_us = proving_nodes_due(world);
        uint64_t far_us = proving_far_due(world);
        if (far_us < next_us) next_us = far_us;
        if (nodes_us < next_us) next_us = nodes_us;
        if (!world->quiet && next_us >= world->story->end_us) {
            world->now_us = world->story->end_us;
            proving_quiet(world);
            continue;
        }
        if (next_us > world->story->end_us + QUIET_S * PROVING_SECOND) {
            proving_stuck(world);
            break;
        }
        if (next_us > world->now_us) world->now_us = next_us;
        if (agenda_take(&world->agenda, world->now_us, &entry)) proving_due(world, &entry);
    }
}

/* ---- a play ---- */

static void folder_made(struct proving *world)
{
    const char *place = getenv("TMPDIR");
    bool cuts = false;
    /* the disk is not tested here, so the folder is in memory where possible */
    if (!place) place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    for (size_t i = 0; i < world->story->count; i++) cuts = cuts || world->story->deeds[i].what == TOLD_snapshot;
    if (!cuts) return;
    (void)snprintf(world->folder, sizeof world->folder, "%.150s/gcx-proving-XXXXXX", place);
    if (!mkdtemp(world->folder)) {
        world->folder[0] = '\0';
        proving_fail(world, "there is no place for snapshots: set TMPDIR");
    }
}

static void folder_removed(const struct proving *world)
{
    static const char *const files[] = {"new", "lock", "reach"};
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    char path[SNAPSHOT_PATH];
    for (size_t i = snapshots_list(world->folder, rows); i > 0; i--) (void)(unlink(rows[i - 1].path));
    free(rows);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/snapshots/%s", world->folder, files[i]);
        (void)(unlink(path));
    }
    (void)snprintf(path, sizeof path, "%s/snapshots", world->folder);
    (void)(rmdir(path));
    (void)(rmdir(world->folder));
}

static const struct proving_adapter proving_adapters[PROVING_LINKS] = {
    {proving_switch_effect, NULL, proving_switch_forgets},
    {proving_mail_effect, NULL, NULL},
    {proving_passage_effect, proving_passages_up, proving_passages_forget}};

bool proving_play(const struct proving_options *options, const struct story *story, struct proving_result *result)
{
    struct proving world = {
        .options = options, .story = story, .result = result, .seed = story->seed, .adapters = proving_adapters};
    struct error error = {0};
    bool lends = false;
    *result = (struct proving_result){0};
    for (size_t i = 0; i < story->count; i++) {
        const struct told_deed *deed = &story->deeds[i];
        lends = lends || deed->what == TOLD_lend;
        world.jumps = world.jumps || deed->what == TOLD_jump;
        world.leaves = world.leaves || deed->what == TOLD_gone || deed->what == TOLD_adapter ||
                       deed->what == TOLD_partition || deed->what == TOLD_eaten ||
                       (deed->what == TOLD_cut && deed->a == 0);
        world.faulty =
            world.faulty || (deed->what != TOLD_call && deed->what != TOLD_mail && deed->what != TOLD_passage &&
                             deed->what != TOLD_lend && deed->what != TOLD_recall);
    }
    folder_made(&world);
    if (proving_site_make(&world.site, world.seed, &error)) {
        proving_wires_begin(&world);
        proving_switch_begin(&world);
        for (size_t i = 0; i < story->count; i++)
            agenda_add(&world.agenda, story->deeds[i].at_us, DUE_DEED, (uint32_t)i, 0);
        proving_nodes_begin(&world);
        if (lends) proving_far_begin(&world);
        proving_goes_on(&world);
        if (!world.failed) proving_ledger_close(&world);
    } else {
        proving_fail(&world, "no site: %s", error.text);
    }
    result->digest = world.ledger.digest;
    result->passages = proving_passages_taken(&world, true) + proving_passages_taken(&world, false);
    proving_nodes_free(&world);
    proving_wires_free(&world);
    proving_switch_free(&world);
    proving_mail_free(&world);
    proving_source_free(&world);
    proving_passages_free(&world);
    proving_far_free(&world);
    proving_loans_free(&world);
    proving_ledger_free(&world.ledger);
    proving_site_free(&world.site);
    agenda_free(&world.agenda);
    if (world.folder[0] != '\0') folder_removed(&world);
    return !world.failed;
}

/* ---- shortening a story ---- */

static bool fails_without(const struct proving_options *options, const struct story *story, size_t from, size_t count,
                          struct story *shorter)
{
    struct proving_result result;
    *shorter = *story;
    shorter->count = story->count - count;
    shorter->deeds = memory_grown(NULL, story->count + 1, sizeof *story->deeds);
    memcpy(shorter->deeds, story->deeds, from * sizeof *story->deeds);
    memcpy(shorter->deeds + from, story->deeds + from + count, (shorter->count - from) * sizeof *story->deeds);
    if (!proving_play(options, shorter, &result)) return true;
    free(shorter->deeds);
    return false;
}

/* Leaves out one piece after another, each of that many deeds; returns whether any was left out for good. */
static bool pieces_left_out(const struct proving_options *options, struct story *story, size_t piece, unsigned *tries)
{
    bool any = false;
    for (size_t from = 0; from<story->count && * tries> 0; --*tries) {
        size_t count = piece < story->count - from ? piece : story->count - from;
        struct story shorter;
        if (fails_without(options, story, from, count, &shorter)) {
            free(story->deeds);
            *story = shorter;
            any = true;
        } else {
            from += count;
        }
    }
    return any;
}

/* Tries larger pieces first (Zeller's delta debugging, of its complements), and repeats, as one deed may be needed
 * only because of another. */
void proving_shrink(const struct proving_options *options, struct story *story, unsigned tries)
{
    bool any = true;
    while (any && tries > 0) {
        any = false;
        for (size_t piece = story->count / 2; piece > 0; piece /= 2)
            any = pieces_left_out(options, story, piece, &tries) || any;
    }
}
