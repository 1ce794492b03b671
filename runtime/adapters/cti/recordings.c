/* runtime/adapters/cti/recordings.c - The state of a call's recording, so far as this process has seen it change. */
#include "runtime/adapters/cti/recordings.h"

#include <assert.h>
#include <string.h>

bool recording_ask(struct cti *cti, struct ask *ask, const struct call *call, enum call_op op)
{
    if (!cti->ops->record) return false;
    ask->op = op;
    cti_log(cti, GCX_LOG_INFO, call, "RequestCallControl op=%s dn=%s", enum_name_call_op(op), ask->dn);
    cti->ops->record(cti->self, ask->id, call, op);
    return true;
}

static void recording_tell(struct cti *cti, const struct call *call, const char *dn, const struct cti_asker *asker)
{
    json_t *event = notify_call(cti, CLIENT_EventRecording, call, dn, asker);
    if (event && !call->recording) json_object_set_new(event, "Recording", json_string("off"));
    notify_send(cti, dn, event, asker);
}

/* Sets the state. `dn` and `asker`: who requested the change, and gets the answer last; "": nobody at the call. */
static void recording_becomes(struct cti *cti, struct call *call, const char *now, const char *dn,
                              const struct cti_asker *asker)
{
    const struct agent_session *session = *dn ? agents_at(&cti->agents, dn) : NULL;
    call->recording = now;
    cti_log(cti, GCX_LOG_INFO, call, "EventRecording dn=%s agent=%s recording=%s", dn, session ? session->agent : "",
            now ? now : "off");
    for (unsigned i = 0; i < call->party_count; i++)
        if (strcmp(call->parties[i].dn, dn) != 0) recording_tell(cti, call, call->parties[i].dn, NULL);
    if (*dn) recording_tell(cti, call, dn, asker);
}

void recording_is(struct cti *cti, struct call *call, const struct ask *ask)
{
    assert(ask->expect == EXPECT_RESULT);
    recording_becomes(cti, call,
                      ask->op == call_op_recording_stop    ? NULL
                      : ask->op == call_op_recording_pause ? "paused"
                                                           : "on",
                      ask->asker.client != 0 ? ask->dn : "", &ask->asker);
}

void cti_recording_over(struct cti *cti, struct call *call)
{
    recording_becomes(cti, call, NULL, "", NULL);
}
