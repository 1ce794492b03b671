/* tests/unit/sim_lies.c - What is wrong on purpose is found by the proving ground: a disk, a store or a wire that lies,
 * and cores in whose place the linker has put a function that forgets something (--wrap, in this program alone).
 *
 * Only a plain build has it: the sanitizers look at the same stories in sim_proving, and some lies want a thousand. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/core/base/part.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/run/step.h"
#include "runtime/core/sessions/session.h"
#include "tests/proving/proving.h"

enum { FINDS_WITHIN = 1500, FOUND = 40 };

TestSuite(sim_lies, .timeout = 600);

/* ---- cores that forget something ---- */

static bool forgets_deadline, forgets_effect, forgets_resync, forgets_mail, forgets_claim, forgets_hold, forgets_reply;

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

bool __real_reply_warns(struct core *, uint32_t);
bool __wrap_reply_warns(struct core *, uint32_t);
bool __wrap_reply_warns(struct core *core, uint32_t row)
{
    if (!forgets_reply) return __real_reply_warns(core, row);
    reply_later(core, row, REPLY_DUE, 60000000);
    return true;
}

/* ---- */

/* Plays seeds from the first one on until one breaks a promise. */
static void looks(const struct proving_options *options, const char *what, uint64_t first)
{
    for (uint64_t seed = first; seed < first + FINDS_WITHIN; seed++) {
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
static void finds_from(const struct proving_options *options, const char *what, uint64_t first)
{
    char folder[] = "/tmp/gcx-finds-XXXXXX", remove[64];
    int status = 0;
    cr_assert(mkdtemp(folder) && setenv("TMPDIR", folder, 1) == 0); /* who is ended leaves its snapshots there */
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) looks(options, what, first);
    cr_assert(child > 0 && waitpid(child, &status, 0) == child);
    (void)snprintf(remove, sizeof remove, "rm -r '%s'", folder);
    cr_assert_eq(system(remove), 0);
    bool asserted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    cr_assert(asserted || (WIFEXITED(status) && WEXITSTATUS(status) == FOUND), "%s: nothing was found in %d seeds",
              what, FINDS_WITHIN);
}

static void finds(const struct proving_options *options, const char *what)
{
    finds_from(options, what, 0);
}

Test(sim_lies, a_disk_that_lies_is_found)
{
    finds(&(struct proving_options){.lie = LIES_SYNCED}, "a disk that lies");
}

Test(sim_lies, a_store_without_its_fence_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNFENCED}, "a store without its fence");
}

Test(sim_lies, adapters_that_let_in_an_earlier_leader_are_found)
{
    finds(&(struct proving_options){.lie = LIES_TERMLESS}, "adapters that let in an earlier leader");
}

Test(sim_lies, a_database_that_acknowledges_what_no_copy_has_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNCOPIED}, "acknowledged without a copy");
}

Test(sim_lies, processes_that_have_the_same_id_are_found)
{
    finds(&(struct proving_options){.lie = LIES_SAME_ID}, "sessions that are process ids");
}

Test(sim_lies, a_late_take_of_another_term_is_found)
{
    /* One story of some thousands has two nodes that take the lead at one moment. Which ones changes with what is drawn
     * for a story: a larger FINDS_WITHIN and PROVING_SEEDS=1 show it. */
    enum { BEFORE_IT = 8800 };
    finds_from(&(struct proving_options){.lie = LIES_ANY_TERM}, "a take of another term than it read", BEFORE_IT);
}

Test(sim_lies, a_lease_that_is_not_said_is_found)
{
    finds(&(struct proving_options){.lie = LIES_LEASELESS}, "a lease that is not said");
}

Test(sim_lies, a_lead_of_which_its_owner_hears_nothing_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNOWNED}, "a lead of which its owner hears nothing");
}

Test(sim_lies, a_refusal_that_counts_as_written_is_found)
{
    finds(&(struct proving_options){.lie = LIES_DENIED}, "a refusal that counts as written");
}

Test(sim_lies, what_is_taken_back_from_a_domain_that_holds_it_is_found)
{
    finds(&(struct proving_options){.lie = LIES_UNHELD}, "taken back from a domain that holds it");
}

Test(sim_lies, an_agent_whom_two_domains_have_is_found)
{
    finds(&(struct proving_options){.lie = LIES_GIVEN_BACK}, "an agent whom two domains have");
}

Test(sim_lies, what_is_acknowledged_too_early_is_found)
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

Test(sim_lies, a_core_that_does_other_than_its_journal_is_found)
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

Test(sim_lies, a_core_that_goes_on_without_memory_is_found)
{
    finds(&(struct proving_options){.apply = forgets_to_end}, "on without memory");
}

Test(sim_lies, a_claim_without_a_deadline_is_found)
{
    forgets_deadline = true;
    finds(&(struct proving_options){0}, "a claim without a deadline");
}

Test(sim_lies, an_effect_that_is_not_sent_again_is_found)
{
    forgets_effect = true;
    finds(&(struct proving_options){0}, "an effect that is not sent again");
}

Test(sim_lies, a_resync_that_does_not_end_is_found)
{
    forgets_resync = true;
    finds(&(struct proving_options){0}, "a resync that does not end");
}

Test(sim_lies, a_mail_that_is_taken_twice_is_found)
{
    forgets_mail = true;
    finds(&(struct proving_options){0}, "a mail that is taken twice");
}

Test(sim_lies, an_agent_who_stays_claimed_is_found)
{
    forgets_claim = true;
    finds(&(struct proving_options){0}, "an agent who stays claimed");
}

Test(sim_lies, agents_who_are_held_for_good_are_found)
{
    forgets_hold = true;
    finds(&(struct proving_options){0}, "agents who are held for good");
}

Test(sim_lies, a_core_that_leaves_what_nobody_replies_to_with_its_agent_is_found)
{
    forgets_reply = true;
    finds(&(struct proving_options){0}, "a reply that never comes");
}
