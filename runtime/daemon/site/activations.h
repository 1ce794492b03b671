/* runtime/daemon/site/activations.h - Activations by hand: administrators put an image in force at a routing point,
 * over reloads and restarts.
 *
 * A rollback at midnight must not be undone by the next start, which reads the configuration's files again. So
 * activations are kept in the state folder (activations.json), until somebody activates the image that the
 * configuration names.
 *
 * Owns that file and its content. Invariant: the file on the disk is complete at every moment, either as before or
 * as after a change. Called on the loop's thread, or on that of a load while the loop waits for it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "vm/image.h"

struct activations;

/* The name of the person who asks for a change, and the reason, as events and log have them; why NULL: none was
 * given. */
struct activation_asker {
    const char *actor, *why;
};

/* reads the file of activations; NULL: it is damaged */
struct activations *activations_open(const char *state, struct error *);
void activations_free(struct activations *);
/* Writes the file again from memory if it is missing. If the file cannot be written, it stays missing. */
void activations_kept(const struct activations *);

/* An activation by hand at a routing point; its texts are borrowed until the next change. */
struct activation {
    const char *strategy, *actor, *why; /* why: NULL if no reason was given */
    uint8_t image[IMAGE_HASH];
    uint64_t at_us; /* wall clock */
};
bool activations_get(const struct activations *, const char *dn, struct activation *);
/* The client and request to which the core will reply. */
struct activation_ask {
    uint64_t client, req;
};
/* Sets the activation at a routing point, durably; `activation` NULL: removes it. The activation before is kept
 * until activations_settle(). */
bool activations_set(struct activations *, const char *dn, const struct activation *, struct activation_ask,
                     struct error *);
/* Called when the core has accepted a change, or has refused it: then the activation before the change is restored,
 * durably. Returns the routing point that this has changed, malloc'ed; NULL: none. */
char *activations_settle(struct activations *, struct activation_ask, bool good, struct error *);
