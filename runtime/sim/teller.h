/* runtime/sim/teller.h - Says in the timeline which steps of a strategy failed, where and how: what the messages beside
 * it do not tell, as where a row is not what was asked for.
 *
 * It watches the VM (vm/exec.h), where nobody else does. Borrows image, trace and clock. */
#ifndef SIM_TELLER_H
#define SIM_TELLER_H

#include <stdint.h>

#include "runtime/sim/trace.h"
#include "vm/exec.h"

struct simulated;

struct teller {
    struct vm_watch watch; /* for core_watch() */
    const struct image *image;
    struct trace *trace;
    const struct simulated *clock;
};

void teller_init(struct teller *, const struct image *, struct trace *, const struct simulated *);

#endif
