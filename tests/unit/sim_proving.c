/* tests/unit/sim_proving.c - The proving ground: so many seeds hold, each plays again as it did, and what is wrong on
 * purpose is found: a disk, a store or a wire that lies, and cores in whose place the linker has put a function that
 * forgets something (--wrap, in this program alone).
 *
 * PROVING_SEEDS of the environment: so many seeds; else 2,000, under the sanitizers a tenth of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/core/base/part.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "runtime/sim/proving.h"
#include "tests/unit/drawn.h"

#ifdef VM_CHECKED
enum { SEEDS = 200 };
#else
enum { SEEDS = 2000 };
#endif
enum { FINDS_WITHIN = 1500, FOUND = 40 };

TestSuite(sim_proving, .timeout = 600);

/* ---- cores that forget something ---- */

static bool forgets_deadline, forgets_effect, forgets_resync, forgets_mail, forgets_claim, forgets_hold;

void __real_session_claim_deadline(struct sessions *, uint32_t, uint64_t);
void __wrap_session_claim_deadline(struct sessions *, uint32_t, uint64_t);
void __wrap_session_claim_deadline(struct sessions *sessions, uint32_t claim, uint64_t deadline_us)
{
    __real_session_claim_deadline(sessions, claim, forgets_deadline ? 0 : deadline_us);
}

void __real_step_send_again(struct core *, struct interaction *, unsigned, uint64_t);
void __wrap_step_send_again(struct core *, struct interaction *, unsigned, uint64_t);
void __wrap_step_send_again(struct core *core, struct interaction *ix, unsigned link, uint64_t last_ref)
{
    if (!forgets_effect) __real_step_send_again(core, ix, link, last_ref);
}

void __real_session_resync_ended(struct sessions *, unsigned, bool);
void __wrap_session_resync_ended(struct sessions *, unsigned, bool);
void __wrap_session_resync_ended(struct sessions *sessions, unsigned source, bool audit)
{
    if (!forgets_resync) __real_session_resync_ended(sessions, source, audit);
}

uint64_t __real_submitted_before(struct submissions *, uint64_t);
uint64_t __wrap_submitted_before(struct submissions *, uint64_t);
uint64_t __wrap_submitted_before(struct submissions *submissions, uint64_t key)
{
    return forgets_mail ? 0 : __real_submitted_before(submissions, key);
}

void __real_agent_set_claimed(struct agents *, uint32_t, uint16_t);
void __wrap_agent_set_claimed(struct agents *, uint32_t, uint16_t);
void __wrap_agent_set_claimed(struct agents *agents, uint32_t agent, uint16_t count)
{
    if (!forgets_claim || count > agent_at(agents, agent)->claimed) __real_agent_set_claimed(agents, agent, count);
}

void __real_session_hold(struct sessions *, unsigned, bool);
void __wrap_session_hold(struct sessions *, unsigned, bool);
void __wrap_session_hold(struct sessions *sessions, unsigned source, bool held)
{
    if (!forgets_hold || held) __real_session_hold(sessions, source, held);
}

/* ---- */

/* Plays seeds from 0 on until one breaks a promise. */
static void looks(const struct proving_options *options, const char *what)
{
    for (uint64_t seed = 0; seed < FINDS_WITHIN; seed++) {
        struct story story;
        struct proving_result result;
        story_draw(&story, seed);
        bool holds = proving_play(options, &story, &result);
        story_free(&story);
        if (holds) continue;
        if (getenv("PROVING_SEEDS")) fprintf(stderr, "%s: seed %llu, %s\n", what, (unsigned long long)seed, result.why);
        _exit(FOUND);
    }
    _exit(0);
}

/* In a process of its own: a core whose own assertion fails is found, too. */
static void finds(const struct proving_options *options, const char *what)
{
    char folder[] = "/tmp/gcx-finds-XXXXXX", remove[64];
    int status = 0;
    cr_assert(mkdtemp(folder) && setenv("TMPDIR", folder, 1) == 0); /* who is ended leaves its snapshots there */
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) looks(options, what);
    cr_assert(child > 0 && waitpid(child, &status, 0) == child);
    (void)snprintf(remove, sizeof remove, "rm -r '%s'", folder);
    cr_assert_eq(system(remove), 0);
    bool asserted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    cr_assert(asserted || (WIFEXITED(status) && WEXITSTATUS(status) == FOUND), "%s: nothing was found in %d seeds",
              what, FINDS_WITHIN);
}

Test(sim_proving, all_that_was_promised_holds)
{
    const char *more = getenv("PROVING_SEEDS");
    uint64_t seeds = more ? strtoull(more, NULL, 10) : SEEDS;
    struct proving_options options = {0};
    const uint64_t from = drawn_from();
    for (uint64_t seed = from; seed < from + seeds; seed++) {
        struct story story;
        struct proving_result result;
        story_draw(&story, seed);
        cr_assert(proving_play(&options, &story, &result), "gcxsim campaign --seed %llu: %s", (unsigned long long)seed,
                  result.why);
        story_free(&story);
    }
}

Test(sim_proving, a_disk_that_lies_is_found)
{
    finds(&(struct proving_options){.lie = LIES_SYNCED}, "a disk that lies");
}

Test(sim_proving, a_store_without_its_fence_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNFENCED}, "a store without its fence");
}

Test(sim_proving, adapters_that_let_in_an_earlier_leader_are_found)
{
    finds(&(struct proving_options){.lie = LIES_TERMLESS}, "adapters that let in an earlier leader");
}

Test(sim_proving, a_database_that_acknowledges_what_no_copy_has_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNCOPIED}, "acknowledged without a copy");
}

Test(sim_proving, processes_that_have_the_same_id_are_found)
{
    finds(&(struct proving_options){.lie = LIES_SAME_ID}, "sessions that are process ids");
}

Test(sim_proving, a_late_take_of_another_term_is_found)
{
    finds(&(struct proving_options){.lie = LIES_ANY_TERM}, "a take of another term than it read");
}

Test(sim_proving, a_lease_that_is_not_said_is_found)
{
    finds(&(struct proving_options){.lie = LIES_LEASELESS}, "a lease that is not said");
}

Test(sim_proving, a_lead_of_which_its_owner_hears_nothing_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNOWNED}, "a lead of which its owner hears nothing");
}

Test(sim_proving, a_refusal_that_counts_as_written_is_found)
{
    finds(&(struct proving_options){.lie = LIES_DENIED}, "a refusal that counts as written");
}

Test(sim_proving, what_is_taken_back_from_a_domain_that_holds_it_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNHELD}, "taken back from a domain that holds it");
}

Test(sim_proving, an_agent_whom_two_domains_have_is_found)
{
    finds(&(struct proving_options){.lie = LIES_GIVEN_BACK}, "an agent whom two domains have");
}

Test(sim_proving, what_is_acknowledged_too_early_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNHEARD}, "acknowledged too early");
}

/* Only live: a replay takes the whole batch. */
static void forgets_an_event(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    struct batch less = *batch;
    if (batch->number % 50 == 0 && batch->count > 0) {
        less.count = 0;
        less.events.length = 0;
    }
    core_apply(core, &less, sink);
}

Test(sim_proving, a_core_that_does_other_than_its_journal_is_found)
{
    finds(&(struct proving_options){.apply = forgets_an_event}, "live otherwise than replayed");
}

/* It does without what it asked for. */
static void forgets_to_end(struct core *core, const struct batch *batch, const struct effect_sink *sink)
{
    void *volatile memory = malloc(100);
    free(memory);
    core_apply(core, batch, sink);
}

Test(sim_proving, a_core_that_goes_on_without_memory_is_found)
{
    finds(&(struct proving_options){.apply = forgets_to_end}, "on without memory");
}

Test(sim_proving, a_claim_without_a_deadline_is_found)
{
    forgets_deadline = true;
    finds(&(struct proving_options){0}, "a claim without a deadline");
}

Test(sim_proving, an_effect_that_is_not_sent_again_is_found)
{
    forgets_effect = true;
    finds(&(struct proving_options){0}, "an effect that is not sent again");
}

Test(sim_proving, a_resync_that_does_not_end_is_found)
{
    forgets_resync = true;
    finds(&(struct proving_options){0}, "a resync that does not end");
}

Test(sim_proving, a_mail_that_is_taken_twice_is_found)
{
    forgets_mail = true;
    finds(&(struct proving_options){0}, "a mail that is taken twice");
}

Test(sim_proving, an_agent_who_stays_claimed_is_found)
{
    forgets_claim = true;
    finds(&(struct proving_options){0}, "an agent who stays claimed");
}

Test(sim_proving, agents_who_are_held_for_good_are_found)
{
    forgets_hold = true;
    finds(&(struct proving_options){0}, "agents who are held for good");
}

/* ---- stories ---- */

Test(sim_proving, a_seed_plays_again_as_it_did_and_so_does_its_text)
{
    struct proving_options options = {0};
    for (uint64_t seed = 40; seed < 60; seed++) {
        struct story story, read;
        struct proving_result first, again, by_text;
        struct error error = {0};
        FILE *file = tmpfile();
        cr_assert(file);
        story_draw(&story, seed);
        story_write(&story, file);
        rewind(file);
        cr_assert(story_read(&read, file, &error), "%s", error.text);
        fclose(file);
        proving_play(&options, &story, &first);
        proving_play(&options, &story, &again);
        proving_play(&options, &read, &by_text);
        cr_expect_eq(first.digest, again.digest);
        cr_expect_eq(first.digest, by_text.digest);
        story_free(&story);
        story_free(&read);
    }
}

Test(sim_proving, a_story_that_fails_is_made_short_and_fails_still)
{
    struct proving_options options = {.lie = LIES_UNHEARD};
    struct story story;
    struct proving_result result = {0}, again;
    uint64_t seed = 0;
    story_draw(&story, seed);
    while (proving_play(&options, &story, &result)) {
        story_free(&story);
        story_draw(&story, ++seed);
        cr_assert(seed < FINDS_WITHIN);
    }
    size_t before = story.count;
    proving_shrink(&options, &story, 200);
    cr_assert(!proving_play(&options, &story, &result));
    cr_assert(!proving_play(&options, &story, &again));
    cr_expect_eq(result.digest, again.digest);
    cr_expect_str_eq(result.why, again.why);
    cr_expect(story.count < before * 3 / 4, "%zu deeds are left of %zu", story.count, before);
    story_free(&story);
}

Test(sim_proving, what_is_no_story_is_refused)
{
    static const char *const texts[] = {
        "",
        "seed one lone 5\n",
        "seed 1 alone 5\n",
        "seed 1 lone 99999999999999\n",
        "seed 1 lone 5000000\n1 0 dance 0 0\n",
        "seed 1 lone 5000000\n1 0 kill 9 0\n",
        "seed 1 lone 5000000\n6000000 0 call 0 0\n",
        "seed 1 lone 5000000\n1 0 call 0 0 more\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct story story;
        struct error error = {0};
        FILE *file = tmpfile();
        cr_assert(file && fputs(texts[i], file) >= 0);
        rewind(file);
        cr_expect(!story_read(&story, file, &error), "%s", texts[i]);
        cr_expect(error.code == ERROR_INPUT && error.text[0] != '\0');
        fclose(file);
    }
}
