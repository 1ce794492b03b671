/* runtime/core/links/call_result.c - The results of calls, from their table. */
#include "runtime/core/links/call_result.h"

#include "runtime/vocabulary/vocabulary.h"

struct call_result call_result_of_cause(unsigned cause)
{
    static const struct call_result results[] = {
#define CALL_RESULT(cause, exit, told) [cause_##cause] = {code_##exit, cause_##told},
#include "runtime/core/links/call_results.def"
    };
    return results[cause < sizeof results / sizeof results[0] ? cause : cause_other];
}

/* The code is an exit of the steps that dial; the list hears the cause of the same name. */
static struct call_result same(enum code exit, enum cause told)
{
    return (struct call_result){(uint8_t)exit, (uint8_t)told};
}

struct call_result call_result_of_code(unsigned code)
{
    switch (code) {
    case code_busy:
        return same(code_busy, cause_busy);
    case code_no_answer:
        return same(code_no_answer, cause_no_answer);
    case code_machine:
        return same(code_machine, cause_machine);
    case code_fax:
        return same(code_fax, cause_fax);
    case code_silence:
        return same(code_silence, cause_silence);
    case code_invalid_number:
    case code_invalid_destination:
    case code_invalid_dn:
        return same(code_invalid_number, cause_invalid_number);
    case code_no_circuit:
        return same(code_no_circuit, cause_no_circuit);
    case code_do_not_call:
        return same(code_do_not_call, cause_do_not_call);
    case code_outcome_unknown:
        return same(code_outcome_unknown, cause_stale);
    case code_timeout: /* the switch may have dialled */
        return same(code_timeout, cause_stale);
    case code_unsupported:
        return same(code_unsupported, cause_no_circuit);
    case code_link_down:
        return same(code_link_down, cause_no_circuit);
    default:
        return same(code_refused, cause_refused);
    }
}
