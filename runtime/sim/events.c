/* runtime/sim/events.c - Writes the fields of events, in the order of their tables.
 *
 *     the world: writer_begin()     event_put_...() writes the fields     writer_end(): the event is complete
 *
 * A writer accepts fields in ascending order only, so each function writes them in the order of the vocabulary. The
 * writer leaves out zero and empty values. Texts and lists are copied into the event. */
#include "runtime/sim/events.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "runtime/core/base/batch.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/media.h"

/* Writes a row of the directory; its columns are a list in the field `row`, and `kv` is used as a buffer. */
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

/* Writes a commit; `whole`: the rows of this version are the whole directory, not a change of it. */
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

void event_put_link(struct writer *w, unsigned link, const char *name, uint64_t instance, uint32_t caps,
                    enum media medium)
{
    writer_u(w, LinkUp_link, link);
    writer_text(w, LinkUp_name, name);
    writer_u(w, LinkUp_instance, instance);
    writer_u(w, LinkUp_version, VOCABULARY_VERSION);
    contract_put_caps(w, LinkUp_caps, caps);
    writer_list_begin(w, LinkUp_media);
    if (medium != media_none) writer_list_u(w, medium);
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

/* Writes the creation of a call; no medium means voice, as most worlds have only calls. */
void event_put_created(struct writer *w, const struct event_created *call)
{
    writer_u(w, EventCallCreated_media, call->medium == media_none ? media_voice : call->medium);
    writer_u(w, EventCallCreated_call_type, call->type);
    writer_text(w, EventCallCreated_call_id, call->call_id);
    writer_text(w, EventCallCreated_ani, call->ani);
    writer_text(w, EventCallCreated_dnis, call->dnis);
    writer_text(w, EventCallCreated_origin_dn, call->origin);
    writer_conn(w, EventCallCreated_prev_conn, call->prev_conn);
    if (call->data) writer_kv(w, EventCallCreated_data, call->data);
}

/* Writes a party; texts that are NULL are left out, like empty ones. */
void event_put_party(struct writer *w, const struct event_party *party)
{
    writer_bytes(w, EventParty_dn, party->dn);
    writer_u(w, EventParty_change, party->change);
    writer_u(w, EventParty_role, party->role);
    writer_text(w, EventParty_agent, party->agent);
    writer_text(w, EventParty_other_dn, party->other_dn);
    writer_text(w, EventParty_to, party->to);
    writer_text(w, EventParty_queue, party->queue);
    writer_u(w, EventParty_cause, party->cause);
}

void event_put_route_used(struct writer *w, const char *dn, struct span to, enum route_how how)
{
    writer_text(w, EventRouteUsed_dn, dn);
    writer_bytes(w, EventRouteUsed_to, to);
    writer_u(w, EventRouteUsed_how, how);
}

void event_put_progress(struct writer *w, enum cause cause)
{
    writer_u(w, EventCallProgress_result, cause);
    writer_u(w, EventCallProgress_by, progress_by_switch);
    writer_u(w, EventCallProgress_final, 1);
}

void event_put_treatment(struct writer *w, enum treatment_change change, const char *digits, enum cause cause)
{
    writer_u(w, EventTreatment_change, change);
    writer_text(w, EventTreatment_digits, digits);
    writer_u(w, EventTreatment_cause, cause);
}

void event_put_agent_observed(struct writer *w, const char *agent, const char *dn, enum agent_state state)
{
    writer_u(w, Observed_what, object_agent);
    writer_u(w, Observed_media, media_voice);
    writer_text(w, Observed_dn, dn);
    writer_text(w, Observed_agent, agent);
    writer_u(w, Observed_state, state);
}

/* Writes what a switch reports about a call after a lost connection: where the call is, and the last instruction
 * that the switch accepted. */
void event_put_call_observed(struct writer *w, const struct event_observed *call)
{
    writer_u(w, Observed_what, object_call);
    writer_u(w, Observed_media, media_voice);
    writer_u(w, Observed_call_type, call->outbound ? call_type_outbound : call_type_inbound);
    writer_text(w, Observed_ani, call->ani);
    writer_text(w, Observed_dnis, call->dnis);
    writer_text(w, Observed_dn, call->dn);
    writer_list_begin(w, Observed_parties);
    if (call->party) {
        writer_record_begin(w);
        writer_bytes(w, Party_dn, call->party->dn);
        writer_u(w, Party_role, call->party->role);
        writer_u(w, Party_change, call->party->change);
        writer_text(w, Party_agent, call->party->agent);
        writer_record_end(w);
    }
    writer_list_end(w);
    writer_u(w, Observed_last_ref, call->last_ref);
    writer_u(w, Observed_instructed, call->instructed);
    writer_u(w, Observed_at_routing_point, call->at_routing_point);
}

enum { BYTES_PER_MS = 8, CHUNK = 4096, SILENCE = 0xff }; /* G.711, mu-law */

static void hash_silence(uint64_t length, uint8_t hash[RECORDING_HASH])
{
    uint8_t silence[CHUNK];
    crypto_hash_sha256_state state;
    memset(silence, SILENCE, sizeof silence);
    crypto_hash_sha256_init(&state);
    for (; length > CHUNK; length -= CHUNK) crypto_hash_sha256_update(&state, silence, CHUNK);
    crypto_hash_sha256_update(&state, silence, length);
    crypto_hash_sha256_final(&state, hash);
}

struct sim_recording recording_of(const struct switch_report *r)
{
    struct sim_recording recording = {.store = "recordings", .media_type = "audio/basic"};
    recording.length = r->recording == 0 ? 0 : r->spoken_us / 1000 * BYTES_PER_MS;
    if (recording.length != 0) {
        (void)snprintf(recording.key, sizeof recording.key, "%u", r->recording);
        hash_silence(recording.length, recording.sha256);
    }
    return recording;
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

/* Writes the interaction, the ref and the ConnID of the effect that is answered. */
void event_put_asked(struct writer *w, const struct message *effect)
{
    writer_u(w, ENVELOPE_ixn, message_u(effect, ENVELOPE_ixn));
    writer_u(w, ENVELOPE_ref, message_u(effect, ENVELOPE_ref));
    writer_conn(w, ENVELOPE_conn, message_u(effect, ENVELOPE_conn));
}

void event_put_done(struct writer *w, enum code code, const char *text)
{
    writer_u(w, EventDone_outcome,
             code == code_ok            ? outcome_ok
             : code == code_unsupported ? outcome_unsupported
                                        : outcome_error);
    writer_u(w, EventDone_code, code);
    writer_text(w, EventDone_text, text);
}

/* Writes a data source's answer; `fail` NULL means success; a word that is no code counts as unavailable. */
void event_put_answered(struct writer *w, const struct message *effect, const char *fail)
{
    int code = !fail ? code_ok : enum_value_code(fail, (uint32_t)strlen(fail));
    event_put_asked(w, effect);
    writer_u(w, EventDone_outcome, !fail ? outcome_ok : code == code_outcome_unknown ? outcome_unknown : outcome_error);
    writer_u(w, EventDone_code, code < 0 ? code_unavailable : (unsigned)code);
}

/* Mails of one sender with one subject are of one thread. */
static void event_put_thread(struct writer *w, const struct event_submit *submit)
{
    char thread[256];
    if (submit->medium != media_email || !submit->subject || !*submit->subject) return;
    (void)snprintf(thread, sizeof thread, "%.100s %.100s", submit->from ? submit->from : "", submit->subject);
    writer_text(w, Submit_thread, thread);
}

void event_put_submit(struct writer *w, const struct event_submit *submit)
{
    writer_u(w, Submit_media, submit->medium);
    writer_u(w, Submit_type, submit_type_inbound);
    writer_text(w, Submit_external_id, submit->external_id);
    writer_text(w, Submit_queue, submit->queue);
    writer_u(w, Submit_online, submit->online);
    writer_text(w, Submit_from, submit->from);
    writer_list_begin(w, Submit_to);
    if (submit->to) writer_list_text(w, span_of(submit->to));
    writer_list_end(w);
    writer_text(w, Submit_subject, submit->subject);
    if (submit->body) event_put_text(w, Submit_body, submit->body);
    event_put_thread(w, submit);
    writer_i(w, Submit_received, submit->received_us);
    writer_i(w, Submit_due, submit->due_us);
    if (submit->data) writer_kv(w, Submit_data, submit->data);
    writer_text(w, Submit_zone, submit->zone);
    writer_text(w, Submit_passed_on, submit->passed_on);
}

/* Writes a text by its key only, as the simulated store has no bytes. The text's length is given as 1, because the
 * writer would leave out a 0. */
void event_put_text(struct writer *w, unsigned field, const char *key)
{
    writer_blob_begin(w, field);
    writer_text(w, Blob_store, "sim");
    writer_text(w, Blob_key, key);
    writer_u(w, Blob_length, 1);
    writer_blob_end(w);
}

void event_put_code_typed(struct writer *w, struct kv *kv, bool rejected)
{
    kv_clear(kv);
    if (rejected)
        kv_put_int(kv, VERIFY_WRONG, VERIFY_TRIES_MAX);
    else
        kv_put_bool(kv, "address_verified", true);
    writer_u(w, RequestUserData_op, data_op_Attach);
    writer_kv(w, RequestUserData_pairs, kv);
}

void event_put_stop(struct writer *w, uint64_t ixn, const char *agent)
{
    writer_u(w, ENVELOPE_ixn, ixn);
    writer_text(w, ENVELOPE_actor, agent);
    writer_text(w, RequestStop_reason, "done");
}

/* Writes that an agent takes one interaction; the vocabulary's list could have several. */
void event_put_pull(struct writer *w, uint64_t ixn, const char *agent)
{
    writer_text(w, ENVELOPE_actor, agent);
    writer_list_begin(w, RequestPull_ids);
    writer_list_u(w, ixn);
    writer_list_end(w);
}

void event_put_invited(struct writer *w, bool accepts, uint64_t claim)
{
    writer_u(w, accepts ? RequestAccept_claim : RequestReject_claim, claim);
}
