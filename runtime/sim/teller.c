/* runtime/sim/teller.c - A line of the timeline a step that failed. */
#include "runtime/sim/teller.h"

#include "runtime/host/simulated.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/image.h"

static int32_t teller_on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    (void)self, (void)image, (void)wait, (void)interaction, (void)fiber;
    return VM_GO_ON;
}

static void teller_on_ended(void *self, const struct image *image, uint32_t number, uint64_t interaction, uint8_t fiber,
                            int32_t code)
{
    const struct teller *t = self;
    (void)interaction, (void)fiber;
    struct image_place at;
    if (code == VM_GO_ON || image != t->image) return;
    const struct image_wait *wait = image_wait(image, number);
    const struct step *step = wait->step == 0 ? NULL : step_numbered(wait->step);
    if (!step || !image_place(image, wait->function, wait->pc, &at)) return;
    trace_say(t->trace, simulated_now(t->clock), "strategy", NO_ARRIVAL, "%.*s:%u: %s fails: %s", (int)at.file.length,
              at.file.bytes, at.line, step->name, enum_name_code((unsigned)code));
}

void teller_init(struct teller *t, const struct image *image, struct trace *trace, const struct simulated *clock)
{
    *t = (struct teller){{.self = t, .wait = teller_on_wait, .ended = teller_on_ended}, image, trace, clock};
}
