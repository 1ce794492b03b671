/* tests/unit/post_matrix.c - Each state of post.def times each fault of post.def, by each way of trials.def. An item
 * is brought into the state, the fault happens, everything comes back; then the outside brings again what was not
 * acknowledged, and the core asks again for what it was not told of. What must hold is one sentence per direction:
 *
 *     comes in:   the core has each item exactly once, and nothing is acknowledged before the core has it
 *     goes out:   the other side gets each item at most once, and the core is told what became of it
 *
 * A cell where less holds is a row of `less`, with the reason. Of a way whose items are all said in conversations, one
 * conversation has what came under one name. */
#include "tests/unit/post_world.h"

TestSuite(post_matrix, .timeout = 120);

static const char *const fault_names[] = {
#define POST_FAULT(name, doc) #name,
#include "runtime/post/post.def"
};

/* ---- what less holds ---- */

static const struct less {
    const char *state, *fault;
    unsigned most; /* times */
    bool perhaps;  /* or once: who of two is first is chance */
} less[] = {
    /* The store has forgotten that the core was asked; the outside brings the item again, and it gets a new name. */
    {"submitted", "store_put_back", 2, false},
    /* The core has been told already, or asks once more: the store has forgotten that it went. */
    {"begun", "store_put_back", 2, false},
};
/* Of a way that sends again what nobody knows of, under the same name, as mail does. */
static const struct less resent[] = {
    {"asked", "second_process", 2, true},  {"begun", "adapter_killed", 2, false},
    {"begun", "store_put_back", 2, false}, {"unknown", "store_away", 2, false},
    {"unknown", "network_away", 2, false}, {"unknown", "answer_lost", 2, false},
    {"unknown", "answer_twice", 2, false}, {"unknown", "second_process", 2, false},
};

static struct less less_of(const char *state, enum fault fault)
{
    const struct less *rows = trial_is(TRIAL_whole) ? resent : less;
    size_t count = world.trial->rule == TRIAL_resends ? 0
                   : trial_is(TRIAL_whole)            ? G_N_ELEMENTS(resent)
                                                      : G_N_ELEMENTS(less);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].state, state) == 0 && strcmp(rows[i].fault, fault_names[fault]) == 0) return rows[i];
    return (struct less){.state = state, .fault = fault_names[fault], .most = 1};
}

/* ---- comes in ---- */

/* Brings it into the state. */
static void comes_into(enum post_in state)
{
    world.said = state == POST_IN_said;
    world.full = state == POST_IN_kept;
    world.silent = state == POST_IN_submitted;
    pieces = state == POST_IN_brought && !trial_is(TRIAL_talks);
    world.asks = state == POST_IN_brought;
    brings(world.office, pieces);
    for (unsigned tries = 0; tries < 6 && state == POST_IN_submitted && !is_submitted(); tries++) turn();
    if (state == POST_IN_submitted) {
        cr_assert(world.acknowledged == 0 && is_submitted() && came_is("kept"), "%u %d %d", world.acknowledged,
                  is_submitted(), came_is("kept"));
        return;
    }
    turns(4);
    if (state == POST_IN_ended) {
        in_core_ends();
        turns(2);
    }
    cr_assert(came_is(post_in_name(state)), "%s", world.text);
}

static void in_cell(enum post_in state, enum fault fault)
{
    char *text = g_strdup_printf("%u %s x %s", ++cells, post_in_name(state), fault_names[fault]);
    char *whole = g_strdup_printf("%s12", text); /* two pieces, with their numbers behind */
    const struct less holds = less_of(post_in_name(state), fault);
    turns(12); /* the cell before is over */
    g_strlcpy(world.text, text, sizeof world.text);
    world.acknowledged = world.early = 0;
    if (fault == FAULT_store_put_back) {
        killed();
        file_copied("contacts", "before");
        opens(false);
    }
    comes_into(state);
    bool had = core_has(text);
    happens(fault, brings_again);
    all_is_well();
    /* What the outside does not know of is brought again; the second piece comes now. */
    for (unsigned tries = 0; tries < 8 && world.acknowledged == 0; tries++) {
        brings(world.office, pieces);
        turns(12);
    }
    if (pieces == 1) {
        if (fault == FAULT_store_put_back)
            brings(world.office, 1); /* what was acknowledged and is lost: a copy of it */
        world.acknowledged = 0;
        g_strlcpy(world.text, whole, sizeof world.text);
        for (unsigned tries = 0; tries < 8 && world.acknowledged == 0; tries++) {
            brings(world.office, 2);
            turns(12);
        }
    }
    unsigned least =
        state == POST_IN_said || trial_is(TRIAL_talks) || (state == POST_IN_ended && fault == FAULT_core_lost) ? 0 : 1;
    for (unsigned tries = 0; tries < 400 && core_count(world.text) < least; tries++) {
        turns(1); /* the core is asked about what is open, by a thread of its own */
        usleep(500);
    }
    unsigned count = core_count(world.text);
    if (state == POST_IN_owned && fault == FAULT_store_put_back) cr_expect(had, "%s", text);
    cr_expect(world.acknowledged > 0, "%s: it is not acknowledged", text);
    cr_expect_eq(world.early, 0, "%s: it was acknowledged before the core had it", text);
    cr_expect(count >= least && count <= (least == 0 ? 0 : holds.most), "%s: the core has it %u times", text, count);
    if (trial_is(TRIAL_talks)) count = names_of(world.talk, text);
    cr_expect(!trial_is(TRIAL_talks) || (count >= 1 && count <= holds.most), "%s: a conversation has it %u times", text,
              count);
    cr_expect(count == holds.most || holds.most == 1, "%s: more holds than the table says", text);
    world.said = false;
    g_free(whole), g_free(text);
}

/* What conversations say is no interaction of its own; whole items and conversations have no pieces, and nobody is
 * asked whether they belong to a conversation. */
static bool has_state(enum post_in state)
{
    if (trial_is(TRIAL_talks)) return state <= POST_IN_said;
    return state >= POST_IN_kept || trial_is(TRIAL_texts);
}

/* Each end of a conversation is told once. */
static void in_cells(void)
{
    for (unsigned state = 0; state < POST_IN_STATES; state++)
        for (unsigned fault = 0; fault < FAULTS && has_state((enum post_in)state); fault++) {
            world.closes = 0;
            in_cell((enum post_in)state, (enum fault)fault);
            cr_expect_eq(world.closes, trial_is(TRIAL_lines) && state == POST_IN_ended, "%s x %s: %u ends",
                         post_in_name((enum post_in)state), fault_names[fault], world.closes);
        }
}

/* ---- goes out ---- */

static void goes_into(enum post_out state)
{
    world.room = state == POST_OUT_held ? 0 : 10;
    world.mute = state == POST_OUT_begun;
    world.answer = state == POST_OUT_failed ? POST_REFUSED : state == POST_OUT_unknown ? POST_NO_ANSWER : POST_GIVEN;
    wants(world.office, out_name);
    if (state == POST_OUT_asked) return;
    turns(5);
    if (state == POST_OUT_expired || state == POST_OUT_delivered) receipt_comes(state);
    cr_assert(went_is(post_out_name(state)), "%s", post_out_name(state));
}

static void out_cell(enum post_out state, enum fault fault)
{
    char *text = g_strdup_printf("%u %s x %s", ++cells, post_out_name(state), fault_names[fault]);
    const struct less holds = less_of(post_out_name(state), fault);
    g_strlcpy(world.text, text, sizeof world.text);
    snprintf(out_name, sizeof out_name, "m-%u", cells);
    g_string_truncate(world.told, 0);
    if (fault == FAULT_store_put_back) {
        killed();
        file_copied("contacts", "before");
        opens(false);
    }
    goes_into(state);
    bool told = is_told();
    happens(fault, wants_again);
    all_is_well();
    for (unsigned tries = 0; tries < 4 && fault != FAULT_core_lost && !is_told(); tries++) {
        wants(world.office, out_name);
        turns(8);
    }
    turns(8);
    unsigned got = GPOINTER_TO_UINT(g_hash_table_lookup(world.got, text));
    cr_expect(got <= holds.most, "%s: it went %u times", text, got);
    cr_expect(got == holds.most || holds.most == 1 || holds.perhaps, "%s: more holds than the table says", text);
    cr_expect(fault == FAULT_core_lost || is_told(), "%s: the core does not hear of it (%d)", text, told);
    bool accepted = g_regex_match_simple("accepted|delivered", world.told->str, 0, 0);
    cr_expect(!accepted || got >= 1, "%s: it is told as accepted, and has not gone", text);
    /* Statuses come late and twice; a later one takes no better one back. */
    if (state == POST_OUT_delivered && fault != FAULT_store_put_back) {
        g_string_truncate(world.told, 0);
        receipt_comes(POST_OUT_failed);
        receipt_comes(POST_OUT_expired);
        cr_expect_str_eq(world.told->str, "", "%s", text);
        cr_expect(went_is("delivered"), "%s", text);
    }
    g_free(text);
}

/* On a line nothing goes by the office, whoever wants it. */
static void out_on_lines(void)
{
    cr_expect_null(world.office->way->send);
    wants(world.office, "m-1");
    turns(8);
    cr_expect_eq(asks("SELECT count(*) FROM post_out"), 0);
}

static void out_cells(void)
{
    if (trial_is(TRIAL_lines)) {
        out_on_lines();
        return;
    }
    for (unsigned state = 0; state < POST_OUT_STATES; state++)
        for (unsigned fault = 0; fault < FAULTS; fault++) out_cell((enum post_out)state, (enum fault)fault);
    cr_expect_eq(cells, POST_OUT_STATES * FAULTS);
}

/* ---- a kill, and nobody asks again ---- */

enum after { AFTER_again, AFTER_resumed, AFTER_compared, AFTER_lost, AFTER_rests };
static const struct after_row {
    const char *name;
    bool in_book;
    enum after after;
} in_after[] =
    {
#define POST_IN_STATE(name, place, after, meaning) {#name, #place[0] == 'b', AFTER_##after},
#include "runtime/post/post.def"
},
  out_after[] = {
#define POST_OUT_STATE(name, place, after, shown, meaning) {#name, #place[0] == 'b', AFTER_##after},
#include "runtime/post/post.def"
};

/* A state that only the loop has is never in the book. */
static void loop_states_are_not_kept(const struct after_row *rows, unsigned count, const char *table)
{
    for (unsigned i = 0; i < count; i++) {
        char *query = g_strdup_printf("SELECT count(*) FROM %s WHERE state = '%s'", table, rows[i].name);
        cr_expect(rows[i].in_book || asks(query) == 0, "%s", query);
        g_free(query);
    }
}

Test(post_matrix, what_came_goes_on_after_a_kill_as_its_row_says, .init = begin_sms, .fini = end_world)
{
    for (unsigned state = 0; state < POST_IN_STATES; state++) {
        const struct after_row *row = &in_after[state];
        char *text = g_strdup_printf("%u %s", ++cells, row->name);
        turns(12);
        g_strlcpy(world.text, text, sizeof world.text);
        world.acknowledged = 0;
        comes_into((enum post_in)state);
        unsigned count = core_count(text), acknowledged = world.acknowledged;
        killed();
        opens(false);
        all_is_well();
        world.compared = 0;
        for (unsigned tries = 0; tries < 200 && row->after == AFTER_compared && world.compared == 0; tries++) {
            turns(1);
            usleep(500);
        }
        turns(12);
        cr_expect_eq(core_count(text), count, "%s: nobody has brought it again", text);
        cr_expect_eq(world.acknowledged, acknowledged, "%s", text);
        cr_expect_eq(world.compared > 0, row->after == AFTER_compared, "%s: asked about %u times", text,
                     world.compared);
        cr_expect(came_is(row->in_book ? row->name : "kept"), "%s", text);
        world.said = false;
        g_free(text);
    }
    loop_states_are_not_kept(in_after, POST_IN_STATES, "post_came");
}

/* The step for which it went has had its exit, and its core does not ask again; another one it does. */
static void is_asked_for_no_more(void)
{
    static const struct {
        enum post_out state;
        const char *becomes;
    } rows[] = {{POST_OUT_held, "failed"}, {POST_OUT_begun, "unknown"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        for (unsigned asked = 0; asked < 2; asked++) {
            snprintf(world.text, sizeof world.text, "%u", ++cells);
            snprintf(out_name, sizeof out_name, "m-%u", cells);
            goes_into(rows[i].state);
            killed();
            char *others = g_strdup_printf("INSERT INTO post_out(way, journal, ixn, msg_id, digest, interaction, state,"
                                           " pieces, asked) SELECT way, journal + 1, ixn, 'other', digest, interaction,"
                                           " 'held', pieces, asked FROM post_out WHERE msg_id = '%s'",
                                           out_name);
            alters(others); /* another site has the same store and address */
            g_free(others);
            world.room = 0;
            opens(false);
            if (asked) wants_again(world.office);
            turns(4);
            bool waits = asked && (rows[i].state == POST_OUT_held || world.rules.resends);
            world.clock_us += 60 * SECOND;
            turns(4);
            cr_expect_eq(asks("SELECT count(*) FROM post_out WHERE msg_id = 'other' AND state = 'held'"), 1);
            alters("DELETE FROM post_out WHERE msg_id = 'other'");
            cr_expect(went_is(waits ? "held" : rows[i].becomes), "%s", world.text);
            char *query = g_strdup_printf("SELECT count(*) FROM interactions i JOIN post_out o ON o.interaction = i.id"
                                          " WHERE o.msg_id = '%s' AND i.ended IS NOT NULL AND i.result = '%s'",
                                          out_name, rows[i].becomes);
            cr_expect_eq(asks(query), waits ? 0 : 1, "%s", query);
            g_free(query);
            all_is_well();
            turns(8);
        }
}

/* With a conversation of the way. */
static void another_goes_on(void)
{
    char *rows = g_strdup_printf("INSERT INTO interactions(id, tenant, media, external_id, direction, ixn, received,"
                                 " messages, journal) VALUES(900, '', '%s', 'x', 'in', '0-000000000005', 1, 0, 7);"
                                 " INSERT INTO post_talks(way, owner, name, interaction, saved, changed) VALUES('%s',"
                                 " 'another', 'x', 900, '{}', 1)",
                                 world.trial->way, world.trial->way);
    alters(rows);
    g_free(rows);
}

/* What is said in a conversation is no interaction of its own. */
static void is_said_no_more(void)
{
    static const struct {
        enum post_out state;
        const char *becomes;
    } rows[] = {{POST_OUT_held, "failed"}, {POST_OUT_begun, "unknown"}};
    /* 1: another adapter goes on with the conversation, and the item is of an earlier version. 2: it is that adapter's,
     * whose conversation is over. 3: that adapter is there no more. */
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        for (unsigned others = 0; others < 4; others++) {
            snprintf(world.text, sizeof world.text, "%u", ++cells);
            snprintf(out_name, sizeof out_name, "m-%u", cells);
            goes_into(rows[i].state);
            killed();
            alters("DELETE FROM post_talks; DELETE FROM interactions");
            bool stays = others == 1 || others == 2;
            if (others >= 2) alters("UPDATE post_out SET owner = 'another'");
            if (others == 3) alters("UPDATE post_out SET asked = asked - 9 * 86400000000");
            if (others == 1) another_goes_on();
            opens(false);
            world.clock_us += 61 * SECOND;
            turns(8);
            cr_expect(went_is(stays ? post_out_name(rows[i].state) : rows[i].becomes), "%s %u", world.text, others);
            alters("DELETE FROM post_out");
            all_is_well();
            turns(8);
        }
}

static void out_is_over(void)
{
    if (trial_is(TRIAL_lines))
        out_on_lines();
    else if (trial_is(TRIAL_talks))
        is_said_no_more();
    else
        is_asked_for_no_more();
}

Test(post_matrix, what_nobody_asks_for_again_goes_on_after_a_kill_as_its_row_says, .init = begin_sms, .fini = end_world)
{
    for (unsigned state = 0; state < POST_OUT_STATES; state++) {
        const struct after_row *row = &out_after[state];
        char *text = g_strdup_printf("%u %s", ++cells, row->name);
        g_strlcpy(world.text, text, sizeof world.text);
        snprintf(out_name, sizeof out_name, "a-%u", cells);
        orders((enum post_out)state);
        unsigned got = GPOINTER_TO_UINT(g_hash_table_lookup(world.got, text));
        killed();
        opens(false);
        all_is_well();
        turns(12);
        bool kept = row->in_book || went_is("given"); /* the thread may have had it before the kill */
        unsigned more = row->after == AFTER_resumed || (!row->in_book && kept);
        cr_expect_eq(GPOINTER_TO_UINT(g_hash_table_lookup(world.got, text)), got + more, "%s", text);
        cr_expect(!kept || went_is(row->after == AFTER_lost ? "unknown" : more ? "given" : row->name), "%s", text);
        g_free(text);
    }
    loop_states_are_not_kept(out_after, POST_OUT_STATES, "post_out");
}

/* ---- each way ---- */

#define TRIAL(folder, medium, kind, rule)                                                                              \
    Test(post_matrix, by_##folder##_what_comes_is_there_once_whatever_happens, .init = begin_##folder,                 \
         .fini = end_world)                                                                                            \
    {                                                                                                                  \
        in_cells();                                                                                                    \
    }                                                                                                                  \
    Test(post_matrix, by_##folder##_what_goes_goes_once_and_is_told_whatever_happens, .init = begin_##folder,          \
         .fini = end_world)                                                                                            \
    {                                                                                                                  \
        out_cells();                                                                                                   \
    }                                                                                                                  \
    Test(post_matrix, by_##folder##_what_no_core_asks_for_again_is_over_after_a_minute, .init = begin_##folder,        \
         .fini = end_world)                                                                                            \
    {                                                                                                                  \
        out_is_over();                                                                                                 \
    }
#include "tests/unit/trials.def"
