/* tests/proving/proving_node.c - Nodes, each a process with a core: leaders with a partition, followers that read
 * the leader's batches, and how they die.
 *
 * A node without a standby is restarted after each death. With two nodes, one leads: the other applies each batch as
 * a replay does, compares digests, and takes over when the journal has not grown for as long as the lease; the store
 * decides between two nodes that both want to lead. A node that the network has cut off from the store repeats its
 * request with the same key until it has an answer, or has waited too long. A leader's effects are seen outside only
 * while its node is alive, and it counts as leading only once a batch of its present life is durable. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/check.h"
#include "runtime/journal/snapshots.h"
#include "tests/proving/proving_state.h"
#include "tests/proving/starved.h"
#include "vm/image.h"

enum {
    APPEND_US = 3000,
    LEASE_US = 1000000,
    LOOK_US = LEASE_US / 8,
    BEATS = 4,        /* how many beats a leader sends during its lease */
    AWAY_US = 250000, /* how long a process without a connection to the store waits before it tries to start again */
    RESTARTS_US = 1000000,
    AGAIN_US = 100000,
    WAIT_US = 4000000,     /* how long a node waits for an answer of the store */
    LEASES = 2,            /* a node's lease is LEASE_US, or this many times LEASE_US */
    FOLLOWED_US = 4000000, /* a follower replaces a silent leader within this time */
    LETTER_US = 2000000,
    RING_BYTES = 1 << 18,
    RING_EVENTS = 4096,
    TURNS_MOST = 20000,
    INTERACTIONS_MOST = 200,
};

static struct proving_node *node_at(struct proving *world, unsigned node)
{
    assert(node < world->node_count);
    return &world->nodes[node];
}

static unsigned node_writer(const struct proving_node *node)
{
    return (unsigned)(node->life * PROVING_NODES + node->number);
}

/* ---- the network ---- */

/* Is the node cut off from the store? A node without a standby never is, as its store is on its own disk. */
static bool node_is_cut(const struct proving_node *node)
{
    const struct proving *world = node->world;
    return world->node_count > 1 && (world->now_us < node->cut_until_us || proving_node_apart(world, node->number));
}

void proving_nodes_mend(struct proving *world)
{
    world->apart_until_us = 0;
    for (unsigned i = 0; i < world->node_count; i++) world->nodes[i].cut_until_us = 0;
}

static struct proving_put node_put(const struct proving_node *node, uint64_t number, struct span batch)
{
    return (struct proving_put){.lead = node->lead, .number = number, .batch = batch};
}

/* Plans when the letter arrives: at a drawn moment after `from_us`. */
static void letter_planned(struct proving *world, uint32_t letter, uint64_t from_us)
{
    proving_plan(world, from_us - world->now_us + proving_drawn(world, PROVING_NETWORK, from_us, LETTER_US), DUE_LETTER,
                 letter, 0);
}

static void letter_kept(struct proving_node *node, uint64_t number, struct span batch, uint64_t whole_us)
{
    const struct proving_put put = node_put(node, number, batch);
    letter_planned(node->world, proving_store_keeps(&node->world->store, &put), whole_us);
}

void proving_node_letter(struct proving *world, uint32_t letter)
{
    proving_store_arrives(&world->store, &world->store.letters[letter]);
}

/* ---- death ---- */

static void node_dies(struct proving_node *node, uint64_t away_us)
{
    node->silent = node->dies = true;
    node->away_us = away_us;
}

/* Called for the allocation that was refused: the child has shown how the process ends there, and the node dies
 * here. */
static uint64_t node_starved(void *self, int status)
{
    struct proving_node *node = self;
    node->world->result->starved++;
    if (!starved_as_promised(status))
        proving_fail(node->world, "without memory a core does not end itself: status %#x", (unsigned)status);
    node_dies(node, RESTARTS_US);
    return STARVED_NEVER;
}

/* Between node_works() and node_rests() the allocations of a node are counted, and nothing that the node does is
 * seen outside yet: effects are sent only when an append is over. A child that reaches the end of that code has
 * continued without its memory, which is a mistake. */
static void node_works(struct proving_node *node)
{
    starved_from(node->starves, node_starved, node);
}

static void node_rests(struct proving_node *node)
{
    node->starves = starved_until();
    if (starved_here()) _exit(0);
}

/* Ends a node after an error: a process whose request the database refuses ends in an orderly way; any other error
 * breaks a promise. */
static void node_fails(struct proving_node *node, const char *what, const struct error *why)
{
    if (why->code == ERROR_UNAVAILABLE)
        node_dies(node, RESTARTS_US);
    else
        proving_fail(node->world, "node %u %s: %s", node->number, what, why->text);
}

/* Frees all that a process has, and plans its restart. Must not be called within a callback of the host. */
static void node_ends(struct proving_node *node)
{
    struct proving *world = node->world;
    partition_free(node->partition);
    follower_free(node->follower);
    simulated_free(node->simulated);
    batches_close(node->store);
    node->partition = NULL;
    node->follower = NULL;
    node->simulated = NULL;
    node->store = NULL;
    node->alive = node->leads = node->paused = node->dies = node->cuts = false;
    node->armed = KILLS;
    node->starves = node->starves_next;
    node->starves_next = STARVED_NEVER;
    if (world->node_count == 1) proving_store_falls(&world->store);
    proving_wires_lost(world, node->number);
    world->result->restarts++;
    proving_plan(world, node->away_us, DUE_RESTART, node->number, 0);
}

/* ---- what the host is told ---- */

/* Handles an append that waits for the copies of the database: nobody else sees its row yet. The row is committed
 * once the copies answer, even if the node has given up by then; if one of the copies becomes the leader instead,
 * the row is gone. */
static enum append_result append_waits(struct proving_node *node, uint64_t number, struct span batch)
{
    struct proving *world = node->world;
    if (node->asked != number) {
        node->asked = number;
        node->asked_us = world->now_us;
        if (!world->store.fails_over) letter_kept(node, number, batch, world->store.stalled_until_us);
    }
    if (world->now_us - node->asked_us >= WAIT_US)
        node_dies(node, RESTARTS_US);
    else
        simulated_again(node->simulated, world->now_us + AGAIN_US);
    return APPEND_UNKNOWN;
}

/* Handles an append without an answer: its row is there, or comes when the network works again, or is lost; the node
 * does not know. */
static enum append_result append_in_vain(struct proving_node *node, uint64_t number, struct span batch)
{
    struct proving *world = node->world;
    uint64_t fate = FATE_LOST;
    if (node->asked != number) {
        node->asked = number;
        node->asked_us = world->now_us;
        fate = node->eaten_us > 0 ? FATE_THERE : proving_drawn(world, PROVING_NETWORK, world->now_us << 1 | 1, FATES);
        node->eaten_us = 0;
    }
    const struct proving_put put = node_put(node, number, batch);
    if (fate == FATE_THERE) proving_store_arrives(&world->store, &put);
    if (fate == FATE_LATER)
        letter_kept(node, number, batch,
                    world->apart_until_us > node->cut_until_us ? world->apart_until_us : node->cut_until_us);
    if (world->now_us - node->asked_us >= WAIT_US)
        node_dies(node, RESTARTS_US);
    else
        simulated_again(node->simulated, world->now_us + AGAIN_US);
    return APPEND_UNKNOWN;
}

static enum append_result proving_node_append(void *self, uint64_t number, struct span batch)
{
    struct proving_node *node = self;
    struct proving *world = node->world;
    struct error why = {0};
    if (node->silent) return APPEND_UNKNOWN;
    if (node->armed == KILL_BEFORE_WRITING) {
        node_dies(node, node->away_us);
        return APPEND_UNKNOWN;
    }
    if (node->eaten_us > 0) node->cut_until_us = world->now_us + node->eaten_us;
    if (node_is_cut(node)) return append_in_vain(node, number, batch);
    bool waits = world->node_count > 1 && proving_store_stalls(&world->store);
    if (waits && world->options->lie != LIES_UNCOPIED) return append_waits(node, number, batch);
    if (node->armed == KILL_WRITING) world->store.tears = world->node_count == 1;
    enum append_result result = batches_append(node->store, number, batch, &why);
    if (result == APPEND_OK) {
        world->result->batches++;
        node->leads = true;
        if (proving_store_writer(&world->store, number) != node_writer(node))
            proving_fail(world, "batch %" PRIu64 " is acknowledged by node %u, and is another's", number, node->number);
    }
    if (node->armed == KILL_WRITING || node->armed == KILL_WRITTEN) node_dies(node, node->away_us);
    return result;
}

static void proving_node_appended(void *self, enum append_result result)
{
    struct proving_node *node = self;
    if (node->silent) return;
    if (!partition_appended(node->partition, result)) node_dies(node, RESTARTS_US);
    if (node->armed == KILL_RELEASING) node_dies(node, node->away_us);
}

static void node_release(void *self, unsigned link, struct span frame)
{
    struct proving_node *node = self;
    if (node->silent || (node->armed == KILL_RELEASING && node->left-- == 0)) {
        node->silent = true;
        return;
    }
    proving_released(node->world, frame);
    if (link == SOURCE_HOST)
        proving_source_effect(node, frame);
    else
        proving_wire_effect(node, link, frame);
}

static void node_committed(void *self, unsigned source, uint64_t seq)
{
    struct proving_node *node = self;
    if (!node->silent) proving_wire_committed(node, source, seq);
}

/* ---- a leader ---- */

static struct core_options node_core_options(const struct proving_node *node)
{
    return (struct core_options){.partition = PROVING_HERE,
                                 .seed = node->world->seed,
                                 .interactions_max = INTERACTIONS_MOST,
                                 .image = proving_site_image,
                                 .self = &node->world->site};
}

/* Makes the node the leader; `begun`: the core of a former follower; NULL: the core is recovered from the journal. */
static bool node_leads(struct proving_node *node, const struct core_options *core_options,
                       const struct partition_begun *begun)
{
    struct proving *world = node->world;
    struct error error = {0};
    const struct partition_options options = {
        .core = *core_options,
        .begun = begun,
        .ring_bytes = RING_BYTES,
        .ring_events = RING_EVENTS,
        .state = world->folder[0] != '\0' ? world->folder : NULL,
        .period_us = SNAPSHOTS_FOR_EVER,
        .apply = world->options->apply,
    };
    node_works(node);
    node->partition = partition_open(&options, node->store, simulated_host(node->simulated), &error);
    node_rests(node);
    if (!node->partition) {
        node_fails(node, "does not start", &error);
        return false;
    }
    struct core *core = partition_core(node->partition);
    if (!core_check(core, &error)) proving_fail(world, "after a restart: %s", error.text);
    proving_knows(world, core);
    memset(node->process, 0, sizeof node->process);
    for (unsigned link = 0; link < PROVING_LINKS; link++)
        node->committed[link] = node->taken[link] = core_last_seq(core, PROVING_SWITCH + link);
    proving_note(world, core_digest(core));
    if (partition_batches(node->partition) == 0) proving_site_post(world, node->partition);
    if (world->node_count > 1) proving_plan(world, node->lead.lease_us / BEATS, DUE_BEAT, node->number, node->life);
    return true;
}

/* Notes the digest after each batch, for the nodes that apply the batch later. */
static void node_noted(struct proving_node *node)
{
    struct proving *world = node->world;
    uint64_t number = partition_batches(node->partition), digest = partition_digest(node->partition);
    struct error error = {0};
    proving_note(world, digest);
    if (!core_check(partition_core(node->partition), &error))
        proving_fail(world, "after batch %" PRIu64 ": %s", number, error.text);
    proving_mail_overdue(world, partition_core(node->partition));
    proving_loans_note(world, partition_core(node->partition), node_writer(node), number);
}

/* Makes a snapshot that was asked for, as soon as everything that the core has done is durable. */
static void node_cuts(struct proving_node *node)
{
    struct proving *world = node->world;
    struct error error = {0};
    if (!node->cuts || simulated_appends(node->simulated)) return;
    node->cuts = false;
    node_works(node);
    if (!partition_cut(node->partition, &error)) proving_fail(world, "a snapshot: %s", error.text);
    node_rests(node);
    world->result->snapshots++;
}

static void node_turn(struct proving_node *node)
{
    uint64_t before;
    bool more = true;
    for (unsigned turns = 0; more && !node->silent && !node->world->failed; turns++) {
        before = partition_batches(node->partition);
        node_works(node);
        more = partition_turn(node->partition);
        node_rests(node);
        if (partition_batches(node->partition) != before) node_noted(node);
        if (turns == TURNS_MOST) proving_fail(node->world, "a core goes round without an end");
    }
    if (!node->silent) node_cuts(node);
}

/* Sends a leader's beat, from whose answer it learns that another node leads, even if it has nothing to write. */
void proving_node_beat(struct proving *world, unsigned number, uint64_t life)
{
    struct proving_node *node = node_at(world, number);
    if (!node->alive || !node->partition || node->life != life) return;
    world->store.away = node_is_cut(node);
    if (!node->paused && node->leads) (void)batches_beat(node->store);
    world->store.away = false;
    bool deposed = batches_deposed(node->store);
    if (deposed && proving_store_is_torn(&world->store))
        proving_fail(world, "node %u has lost the lead to a process that has not written the last batch", number);
    if (deposed) node_dies(node, RESTARTS_US);
    proving_plan(world, node->lead.lease_us / BEATS, DUE_BEAT, number, life);
}

/* ---- a follower ---- */

static bool node_follows(struct proving_node *node)
{
    struct proving *world = node->world;
    struct error error = {0};
    const struct follower_options options = {.core = node_core_options(node),
                                             .state = world->folder[0] != '\0' ? world->folder : NULL,
                                             .lease_us = node->lead.lease_us,
                                             .host = simulated_host(node->simulated)};
    node_works(node);
    node->follower = follower_open(&options, node->store, &error);
    node_rests(node);
    if (!node->follower) node_fails(node, "does not begin to follow", &error);
    proving_plan(world, LOOK_US, DUE_LOOK, node->number, node->life);
    return node->follower != NULL;
}

static void node_takes_over(struct proving_node *node)
{
    struct core_options options;
    struct partition_begun begun = follower_core_take(node->follower, &options);
    follower_free(node->follower);
    node->follower = NULL;
    node->world->result->takeovers++;
    node_leads(node, &options, &begun);
}

/* Checks a look at the leader's row: no node may take the lead during the lease of another leader. A node that finds
 * its own session in the leader's row must take the lead again at once. `before` and `signed_us`: the row as it was
 * before this look. */
static void lead_watched(struct proving_node *node, const struct proving_lead *before, uint64_t signed_us)
{
    struct proving *world = node->world;
    const struct proving_store *store = &world->store;
    bool owns = store->lead.writer == node->lead.writer, owned = before->writer == node->lead.writer;
    uint64_t quiet_us = world->now_us - signed_us;
    if (owns && !owned && quiet_us < before->lease_us)
        proving_fail(world,
                     "node %u takes the lead %" PRIu64 " us after the leader's last sign, within its lease of %" PRIu64,
                     node->number, quiet_us, before->lease_us);
    if (!owned || !node->follower || node_is_cut(node) || proving_store_stalls(store) || store->fate != FATES ||
        store->denied != DENIED_NOTHING)
        node->owned_us = world->now_us;
    else if (world->now_us - node->owned_us >= node->lead.lease_us)
        proving_fail(world, "node %u does not take the lead that the leader's row says it has", node->number);
}

void proving_node_look(struct proving *world, unsigned number, uint64_t life)
{
    struct proving_node *node = node_at(world, number);
    struct error error = {0};
    const struct proving_lead before = world->store.lead;
    uint64_t signed_us = world->store.signed_us;
    uint32_t letters = world->store.letter_count;
    if (!node->follower || node->life != life || world->failed) return;
    enum follower_outcome outcome = FOLLOWER_ON;
    if (!node->paused) {
        simulated_advance(node->simulated, world->now_us);
        world->store.away = node_is_cut(node);
        node_works(node);
        outcome = follower_turn(node->follower, &error);
        node_rests(node);
        if (world->store.away && outcome == FOLLOWER_AWAY) outcome = FOLLOWER_ON;
        world->store.away = false;
        lead_watched(node, &before, signed_us);
    }
    if (world->store.letter_count > letters) letter_planned(world, letters, world->now_us);
    if (outcome == FOLLOWER_LEADS)
        node_takes_over(node);
    else if (outcome != FOLLOWER_ON)
        node_fails(node, "cannot follow", &error);
    else
        proving_plan(world, LOOK_US, DUE_LOOK, number, node->life);
}

/* ---- life ---- */

static uint64_t node_session(const struct proving_node *node)
{
    const struct proving *world = node->world;
    if (world->options->lie == LIES_SAME_ID) return 1;
    return proving_drawn(world, PROVING_SESSION, node_writer(node), UINT64_C(1) << 53);
}

static uint64_t node_lease(const struct proving_node *node)
{
    return LEASE_US * (1 + proving_drawn(node->world, PROVING_LEASE, node->number, LEASES));
}

void proving_node_restart(struct proving *world, unsigned number)
{
    struct proving_node *node = node_at(world, number);
    if (node->alive) return;
    if (node_is_cut(node)) { /* the node waits until it can reach the store */
        proving_plan(world, AWAY_US, DUE_RESTART, number, 0);
        return;
    }
    node->life++;
    node->asked = node->eaten_us = 0;
    node->alive = true;
    node->silent = node->dies = false;
    node->armed = KILLS;
    bool first = world->node_count == 1 || (node->life == 1 && number == 0);
    node->lead =
        (struct proving_lead){.session = node_session(node), .lease_us = node_lease(node), .writer = node_writer(node)};
    node->store = proving_store_open(&world->store, &node->lead, first);
    const struct simulated_options options = {.seed = world->seed + node->life,
                                              .wall_us = PROVING_WALL_US + node->ahead_us,
                                              .start_us = world->now_us,
                                              .boot = "boot",
                                              .append_delay_us = APPEND_US,
                                              .self = node,
                                              .append = proving_node_append,
                                              .appended = proving_node_appended,
                                              .release = node_release,
                                              .committed = node_committed};
    node->simulated = simulated_new(&options);
    const struct core_options core = node_core_options(node);
    (void)(first ? node_leads(node, &core, NULL) : node_follows(node));
}

void proving_nodes_begin(struct proving *world)
{
    world->node_count = world->story->standby ? 2 : 1;
    world->store.now_us = &world->now_us;
    world->store.lie = world->options->lie;
    world->store.alone = world->node_count == 1;
    world->store.fate = FATES;
    world->store.denied = DENIED_NOTHING;
    for (unsigned i = 0; i < world->node_count; i++) {
        world->nodes[i] = (struct proving_node){
            .world = world, .number = i, .armed = KILLS, .starves = STARVED_NEVER, .starves_next = STARVED_NEVER};
        proving_node_restart(world, i);
    }
}

void proving_nodes_free(struct proving *world)
{
    for (unsigned i = 0; i < world->node_count; i++) {
        partition_free(world->nodes[i].partition);
        follower_free(world->nodes[i].follower);
        simulated_free(world->nodes[i].simulated);
        batches_close(world->nodes[i].store);
    }
    proving_store_free(&world->store);
}

uint64_t proving_nodes_due(const struct proving *world)
{
    uint64_t due_us = UINT64_MAX;
    for (unsigned i = 0; i < world->node_count; i++) {
        const struct proving_node *node = &world->nodes[i];
        if (!node->alive || node->paused || !node->partition) continue;
        uint64_t at_us = simulated_due(node->simulated);
        due_us = at_us < due_us ? at_us : due_us;
    }
    return due_us;
}

void proving_nodes_turn(struct proving *world)
{
    for (unsigned i = 0; i < world->node_count && !world->failed; i++) {
        struct proving_node *node = &world->nodes[i];
        if (!node->alive || node->paused) continue;
        simulated_advance(node->simulated, world->now_us);
        if (node->partition && !node->silent) node_turn(node);
        if (node->dies) node_ends(node);
    }
}

void proving_node_wake(struct proving *world, unsigned number)
{
    world->nodes[number].paused = false;
}

/* ---- deeds ---- */

static void snapshot_damaged(const struct proving *world, unsigned how, unsigned where)
{
    struct snapshot_row *rows = calloc(SNAPSHOTS_MAX, sizeof *rows);
    if (!rows) abort();
    if (world->folder[0] != '\0' && snapshots_list(world->folder, rows) > 0) {
        FILE *file = fopen(rows[0].path, "r+");
        long at = (long)(rows[0].bytes * where / 1000);
        if (file && how == 0) {
            (void)(ftruncate(fileno(file), at));
        } else if (file) {
            (void)(fseek(file, at, SEEK_SET));
            int byte = fgetc(file);
            (void)(fseek(file, at, SEEK_SET));
            fputc(byte ^ (how == 1 ? 1 : 0xff), file);
        }
        if (file) fclose(file);
    }
    free(rows);
}

/* Parts the network: the deed names the leader and the other node; which nodes these are is only known now. */
static void network_parts(struct proving *world, const struct told_deed *deed)
{
    const struct proving_node *leader = proving_leader(world);
    unsigned nodes = (deed->a + 1) % PART_SWITCH, first = leader ? leader->number : 0;
    world->apart = (deed->a + 1) / PART_SWITCH * PART_SWITCH;
    if ((nodes & 1) != 0) world->apart |= proving_part_of(first);
    if ((nodes & 2) != 0) world->apart |= proving_part_of(1 - first);
    world->apart_until_us = world->now_us + (uint64_t)deed->b * 1000;
    world->result->partitions++;
    proving_wires_part(world);
}

/* Loses the answer of the next append; an adapter whose connection breaks may connect to the other node, and then
 * back to the one that no longer leads. */
static void answer_eaten(struct proving_node *node, const struct told_deed *deed)
{
    enum { BREAKS = 3 };
    struct proving *world = node->world;
    uint64_t for_us = 1 + (uint64_t)deed->b * 1000;
    if (world->node_count > 1) node->eaten_us = for_us;
    for (unsigned i = 0; i < PROVING_LINKS * BREAKS; i++)
        if ((deed->a >> i % PROVING_LINKS & 1) != 0)
            proving_plan(world, proving_drawn(world, PROVING_NETWORK, (uint64_t)deed->number << 8 | i, for_us),
                         DUE_BREAKS, PROVING_SWITCH + i % PROVING_LINKS, 0);
}

static struct proving_node *leader_or_other(struct proving_node *leader, bool other)
{
    struct proving *world = leader->world;
    struct proving_node *node = &world->nodes[world->node_count - 1 - leader->number];
    return other && node->simulated ? node : leader;
}

static void wall_is_ahead(struct proving_node *node, int64_t by_us)
{
    simulated_wall_jump(node->simulated, by_us - node->ahead_us);
    node->ahead_us = by_us;
}

static void wall_jumps(struct proving_node *leader, const struct told_deed *deed)
{
    simulated_wall_jump(leader_or_other(leader, deed->a >= 2)->simulated,
                        (deed->a % 2 == 1 ? -1 : 1) * (int64_t)deed->b * 1000000);
}

/* Stops the answers of the database's copies; a node without a standby has its store on its own disk. */
static void copies_stall(struct proving *world, const struct told_deed *deed)
{
    struct proving_store *store = &world->store;
    uint64_t for_us = (uint64_t)deed->b * 1000;
    if (world->node_count == 1 || proving_store_stalls(store)) return;
    store->stalled_until_us = world->now_us + for_us;
    store->copied = store->count;
    store->fails_over = deed->a == 1;
    proving_plan(world, for_us, DUE_COPIES, 0, 0);
}

static void node_stands(struct proving_node *node, uint64_t for_us)
{
    node->paused = true;
    proving_plan(node->world, for_us, DUE_WAKE, node->number, 0);
    proving_wires_stand(node->world, node->number);
}

static void write_refused(struct proving_node *leader, const struct told_deed *deed)
{
    enum { THERE = 1, LATER, DENIED };
    struct proving *world = leader->world;
    bool standby = world->node_count > 1;
    if (deed->a == DENIED)
        world->store.denied = standby ? (enum proving_denied)deed->b : DENIED_APPEND;
    else
        world->store.fate = deed->a == THERE ? FATE_THERE : deed->a == LATER && standby ? FATE_LATER : FATE_LOST;
    if (standby && (deed->a != DENIED || deed->b == DENIED_TAKE)) node_stands(leader, FOLLOWED_US);
}

void proving_node_deed(struct proving *world, const struct told_deed *deed)
{
    struct proving_node *node = proving_leader(world);
    if (deed->what == TOLD_partition) network_parts(world, deed);
    if (deed->what == TOLD_damage) {
        snapshot_damaged(world, deed->a, deed->b);
        return;
    }
    if (!node) return;
    switch ((enum told)deed->what) {
    case TOLD_kill:
        node->armed = (enum proving_kill)deed->a;
        node->away_us = 1000 + (uint64_t)deed->b * 1000;
        node->left = deed->b % 7;
        if (node->armed == KILL_NOW) node_dies(node, node->away_us);
        break;
    case TOLD_memory:
        *(deed->a == 0 ? &node->starves : &node->starves_next) = deed->b;
        if (deed->a == 1) node_dies(node, RESTARTS_US);
        break;
    case TOLD_snapshot:
        node->cuts = true;
        break;
    case TOLD_refuse:
        write_refused(node, deed);
        break;
    case TOLD_full:
        world->store.full_until_us = world->now_us + (uint64_t)deed->b * 1000;
        break;
    case TOLD_slow:
        simulated_slow(node->simulated, (uint64_t)deed->b * 1000);
        break;
    case TOLD_jump:
        wall_jumps(node, deed);
        break;
    case TOLD_skew:
        wall_is_ahead(leader_or_other(node, deed->a == 1), proving_ahead_us(deed));
        break;
    case TOLD_skill:
        proving_site_skill(&world->site, node->partition, deed->a, deed->b);
        break;
    case TOLD_profile:
        proving_site_profile(world, node->partition, deed, PROVING_WALL_US + (int64_t)world->now_us + node->ahead_us);
        break;
    case TOLD_strategies:
        proving_site_activate(&world->site, node->partition, deed->a);
        break;
    case TOLD_copies:
        copies_stall(world, deed);
        break;
    case TOLD_eaten:
        answer_eaten(node, deed);
        break;
    case TOLD_pause:
        if (deed->a == 1 && node->armed == KILLS) simulated_reach(node->simulated);
        node_stands(node, (uint64_t)deed->b * 1000);
        break;
    default:
        break;
    }
}
