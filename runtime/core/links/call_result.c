/* runtime/core/links/call_result.c - Returns the results of calls, from call_results.def. */
#include "runtime/core/links/call_result.h"

#include "runtime/vocabulary/vocabulary.h"

struct call_result call_result_of_cause(unsigned cause)
{
    static const struct call_result results[] = {
#define CALL_RESULT(cause, exit, told, subject) [cause_##cause] = {code_##exit, cause_##told, DIAL_OF_##subject},
#include "runtime/core/links/call_results.def"
    };
    return results[cause < sizeof results / sizeof results[0] ? cause : cause_other];
}

/* Returns the result for a code: the code is an exit of the steps that dial, and the list hears the cause of the
 * same name. After a timeout the switch may still have dialled. */
struct call_result call_result_of_code(unsigned code)
{
    static const struct call_result results[] = {
#define CALL_REFUSED(code, exit, told, subject) [code_##code] = {code_##exit, cause_##told, DIAL_OF_##subject},
#include "runtime/core/links/call_results.def"
    };
    static const struct call_result refused = {code_no_circuit, cause_dial_error, DIAL_OF_exchange};
    return code < sizeof results / sizeof *results && results[code].exit != code_other ? results[code] : refused;
}
