/* runtime/adapters/cti/recordings.c - The state of a call's recording, as far as this process has seen it change. */
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

void recording_is(struct cti *cti, struct call *call, const struct ask *ask)
{
    const char *dn = ask->asker.client != 0 ? ask->dn : "";
    assert(ask->expect == EXPECT_RESULT);
    call->recording = ask->op == call_op_recording_stop ? NULL : ask->op == call_op_recording_pause ? "paused" : "on";
    const struct agent_session *session = *dn ? agents_at(&cti->agents, dn) : NULL;
    cti_log(cti, GCX_LOG_INFO, call, "EventRecording dn=%s agent=%s recording=%s", ask->dn,
            session ? session->agent : "", call->recording ? call->recording : "off");
    for (unsigned i = 0; i < call->party_count; i++)
        if (strcmp(call->parties[i].dn, dn) != 0) recording_tell(cti, call, call->parties[i].dn, NULL);
    if (*dn) recording_tell(cti, call, dn, &ask->asker);
}
