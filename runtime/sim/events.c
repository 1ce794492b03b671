/* runtime/sim/events.c - The fields of events, in the order of their tables. */
#include "runtime/sim/events.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/batch.h"
#include "runtime/sim/recording.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"

void event_put_row(struct writer *w, struct kv *kv, const struct plan_row *row, uint64_t version)
{
    assert(row->key && row->key[0] != '\0');
    kv_clear(kv);
    for (uint32_t i = 0; i < row->count; i++)
        if (row->columns[i].text)
            kv_put_text(kv, row->columns[i].name, span_of(row->columns[i].text));
        else
            kv_put_int(kv, row->columns[i].name, row->columns[i].number);
    writer_u(w, DirectoryRow_version, version);
    writer_u(w, DirectoryRow_table, row->table);
    writer_text(w, DirectoryRow_key, row->key);
    writer_kv(w, DirectoryRow_row, kv);
}

void event_put_commit(struct writer *w, uint64_t version, bool whole)
{
    writer_u(w, DirectoryCommit_version, version);
    writer_u(w, DirectoryCommit_whole, whole);
}

void event_put_activation(struct writer *w, const char *at, const uint8_t *image_hash, const char *strategy,
                          const struct kv *args)
{
    writer_text(w, Activate_at, at);
    writer_bytes(w, Activate_image, (struct span){image_hash, CORE_HASH});
    writer_text(w, Activate_strategy, strategy);
    if (args) writer_kv(w, Activate_args, args);
    writer_u(w, Activate_percent, 100);
}

void event_put_link(struct writer *w, unsigned link, uint64_t instance, uint32_t caps)
{
    writer_u(w, LinkUp_link, link);
    writer_text(w, LinkUp_name, "tserver");
    writer_u(w, LinkUp_instance, instance);
    writer_u(w, LinkUp_version, VOCABULARY_VERSION);
    contract_put_caps(w, LinkUp_caps, caps);
    writer_list_begin(w, LinkUp_media);
    writer_list_u(w, media_voice);
    writer_list_end(w);
}

void event_put_agent(struct writer *w, const char *agent, const char *dn, enum media medium, enum agent_state state,
                     enum work_mode mode)
{
    writer_text(w, EventAgentState_agent, agent);
    writer_text(w, EventAgentState_dn, dn);
    writer_u(w, EventAgentState_media, medium);
    writer_u(w, EventAgentState_state, state);
    writer_u(w, EventAgentState_work_mode, mode);
    writer_u(w, EventAgentState_origin, state_origin_switch);
}

void event_put_recording(struct writer *w, const struct switch_report *r)
{
    struct sim_recording recording = recording_of(r);
    if (recording.length == 0) return;
    writer_blob_begin(w, EventTreatment_recording);
    writer_text(w, Blob_store, recording.store);
    writer_text(w, Blob_key, recording.key);
    writer_u(w, Blob_length, recording.length);
    writer_bytes(w, Blob_sha256, (struct span){recording.sha256, sizeof recording.sha256});
    writer_text(w, Blob_media_type, recording.media_type);
    writer_blob_end(w);
}

void event_put_asked(struct writer *w, const struct message *effect)
{
    writer_u(w, ENVELOPE_ixn, message_u(effect, ENVELOPE_ixn));
    writer_u(w, ENVELOPE_ref, message_u(effect, ENVELOPE_ref));
    writer_conn(w, ENVELOPE_conn, message_u(effect, ENVELOPE_conn));
}

void event_put_answered(struct writer *w, const struct message *effect, const char *fail)
{
    int code = !fail ? code_ok : enum_value_code(fail, (uint32_t)strlen(fail));
    event_put_asked(w, effect);
    writer_u(w, EventDone_outcome, !fail ? outcome_ok : code == code_outcome_unknown ? outcome_unknown : outcome_error);
    writer_u(w, EventDone_code, code < 0 ? code_unavailable : (unsigned)code);
}
