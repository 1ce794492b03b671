/* tests/proving/proving_jobs.c - The jobs of the adapter of other domains: it has one thread, so each job waits for
 * the one before. proving_passage.c does them. */
#include "tests/proving/proving_state.h"
#include "base/memory.h"

enum { JOB_US = 40000 };

const struct proving_wire *proving_domains_wire(const struct proving *world)
{
    return &world->wires[PROVING_DOMAINS - PROVING_SWITCH];
}

void proving_job_given(struct proving *world, struct proving_job job, uint64_t after_us)
{
    uint64_t at_us = world->now_us + after_us;
    world->jobs_us = at_us > world->jobs_us ? at_us : world->jobs_us; /* there is one thread */
    job.process = proving_domains_wire(world)->process;
    world->jobs = memory_more(world->jobs, world->job_count, sizeof *world->jobs);
    world->jobs[world->job_count] = job;
    proving_plan(world, world->jobs_us - world->now_us, DUE_JOB, world->job_count++, 0);
}

static uint64_t job_takes(const struct proving *world)
{
    return 1000 + proving_drawn(world, PROVING_DELAY, world->now_us << 2 | 3, JOB_US);
}

void proving_job_new(struct proving *world, struct proving_job job)
{
    proving_job_given(world, job, job_takes(world));
}

void proving_loan_job(struct proving *world, enum proving_job_kind kind, uint32_t agent,
                      const struct proving_loan *loan)
{
    proving_job_new(world, (struct proving_job){.kind = (uint8_t)kind, .row = agent, .loan = *loan});
}

void proving_passages_begin(struct proving *world)
{
    if (!world->passes) proving_plan(world, PROVING_LOOKS_US, DUE_LOOKS, 0, 0);
    world->passes = true;
}
