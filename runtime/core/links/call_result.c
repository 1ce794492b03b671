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

/* The code is an exit of the steps that dial; the list hears the cause of the same name. After a timeout the switch may
 * have dialled. */
struct call_result call_result_of_code(unsigned code)
{
    static const struct call_result results[] = {
        [code_busy] = {code_busy, cause_busy},
        [code_no_answer] = {code_no_answer, cause_no_answer},
        [code_machine] = {code_machine, cause_machine},
        [code_fax] = {code_fax, cause_fax},
        [code_silence] = {code_silence, cause_silence},
        [code_invalid_number] = {code_invalid_number, cause_invalid_number},
        [code_invalid_destination] = {code_invalid_number, cause_invalid_number},
        [code_invalid_dn] = {code_invalid_number, cause_invalid_number},
        [code_no_circuit] = {code_no_circuit, cause_no_circuit},
        [code_do_not_call] = {code_do_not_call, cause_do_not_call},
        [code_outcome_unknown] = {code_outcome_unknown, cause_stale},
        [code_timeout] = {code_timeout, cause_stale},
        [code_unsupported] = {code_unsupported, cause_no_circuit},
        [code_link_down] = {code_link_down, cause_no_circuit}};
    static const struct call_result refused = {code_refused, cause_refused};
    return code < sizeof results / sizeof *results && results[code].exit != code_other ? results[code] : refused;
}
