/* runtime/records/hear_steps.c - Records the steps at which the VM reports that fibers wait. */
#include "runtime/records/recorder_state.h"

static void step_over(struct recorder *r, const struct open *open, struct open_step *step, const char *exit)
{
    struct record_value values[steps_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    values[steps_ixn] = ixn_in(open->ixn, ixn);
    values[steps_step] = recorder_span(step->where.step);
    values[steps_function] = recorder_span(step->where.function);
    values[steps_file] = recorder_span(step->where.file);
    values[steps_line] = recorder_number(step->where.line);
    values[steps_began] = recorder_moment(step->began);
    values[steps_ended] = recorder_moment(recorder_now(r));
    values[steps_ms] = recorder_between(step->began, recorder_now(r));
    values[steps_exit] = recorder_word(exit);
    r->row(r->self, TABLE_steps, values);
    free(step);
}

/* Ends the step of a fiber; the strategy's own fiber, 0, ends the steps of all others, too. `exit` is the exit of
 * this fiber's step. */
void steps_over(struct recorder *r, struct open *open, uint8_t fiber, const char *exit)
{
    for (struct open_step **at = &open->steps; *at;) {
        struct open_step *step = *at;
        if (fiber != 0 && step->fiber != fiber) {
            at = &step->next;
            continue;
        }
        *at = step->next;
        step_over(r, open, step, step->fiber == fiber ? exit : "left");
    }
}

/* A fiber begins to wait at a step: notes it. */
int32_t record_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    struct recorder *r = self;
    struct open *open = open_of(r, interaction);
    /* the fiber's earlier wait is over: it was cancelled, or its busy block has left it */
    steps_over(r, open, fiber, "left");
    struct open_step *step = memory_zeroed(1, sizeof *step);
    *step = (struct open_step){.next = open->steps, .began = recorder_now(r), .fiber = fiber};
    core_wait_place(image, wait, &step->where);
    open->steps = step;
    return VM_GO_ON;
}

void record_wait_over(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber,
                      int32_t code)
{
    struct recorder *r = self;
    struct open *open = open_find(r, interaction);
    (void)image, (void)wait;
    if (open) steps_over(r, open, fiber, code == VM_GO_ON ? "done" : enum_name_code((unsigned)code));
}
