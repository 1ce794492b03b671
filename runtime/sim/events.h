/* runtime/sim/events.h - Events of the core as both virtual players write them, that of tests (bridge.h) and the
 * simulation of a day (simulation.h).
 *
 * Each function writes the fields of an event whose envelope the player has begun; the player posts it. */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include "runtime/sim/plan.h"
#include "runtime/sim/switch.h"
#include "runtime/vocabulary/message.h"

/* DirectoryRow, DirectoryCommit; `kv` is room for the columns. A row without columns is deleted. */
void event_put_row(struct writer *, struct kv *, const struct plan_row *, uint64_t version);
void event_put_commit(struct writer *, uint64_t version, bool whole);
/* Activate, for all who come; `args`: NULL where there are none. */
void event_put_activation(struct writer *, const char *at, const uint8_t *image_hash, const char *strategy,
                          const struct kv *args);
/* LinkUp of a T-Server that can do everything: one link serves all media here. */
void event_put_link(struct writer *, unsigned link, uint64_t instance, uint32_t caps);
/* EventAgentState, as the switch says it. */
void event_put_agent(struct writer *, const char *agent, const char *dn, enum media, enum agent_state, enum work_mode);
/* The recording of EventTreatment, if there is one. */
void event_put_recording(struct writer *, const struct switch_report *);
/* The interaction, number and ConnID of the effect that an event answers. */
void event_put_asked(struct writer *, const struct message *effect);
/* EventDone of a data source: it has answered, or fails with that word. */
void event_put_answered(struct writer *, const struct message *effect, const char *fail);

#endif
