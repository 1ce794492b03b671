/* runtime/adapters/sip/consult_tie.c - Connects a consultation with the call that it is about, and separates them.
 *
 *     consult->main  <---->  main->consult        each names the other
 *     consult->asker  ---->  the agent's leg in the main call; its `consult` names the consultation
 *     consult->caller ---->  the same leg (borrowed), or a second leg of the same telephone
 *
 * consult_part() clears all these pointers at once. If one of these pointers stayed set, a leg of a freed talk would be
 * read later. */
#include "runtime/adapters/sip/talk.h"

void consult_tie(struct talk *consult, struct talk *main, struct leg *asker, struct leg *caller, const char *to)
{
    struct call_facts facts = {
        .call_id = consult->id, .ani = asker->dn, .dnis = to, .type = call_type_consult, .main_id = main->id};
    consult->main = main;
    consult->emergency = setting_is_emergency(&main->exchange->setting, to);
    consult->asker = asker;
    consult->caller = caller;
    refer_forget(asker);
    main->consult = asker->consult = consult;
    cti_clock(&main->exchange->cti);
    (void)cti_call(&main->exchange->cti, &facts);
}

/* Separates the two calls; if the agent has a second leg for the consultation, that leg stays in the consultation
 * and ends with it. */
void consult_part(struct talk *consult)
{
    struct leg *asker = consult->asker;
    if (consult->caller == asker) consult->caller = NULL;
    asker->consult = consult->main->consult = NULL;
    consult->main = NULL;
    consult->asker = NULL;
}

void consult_untie(struct talk *consult)
{
    if (consult->caller == consult->asker && !consult->aside) stream_clear(consult->caller->stream);
    consult_part(consult);
}

void consult_refused(struct talk *consult, uint64_t ask, enum code code, const char *why)
{
    refer_over(consult->caller, code);
    refer_refused(consult->exchange, consult->asker, ask, code, why);
}
