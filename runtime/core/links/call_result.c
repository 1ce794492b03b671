/* runtime/core/links/call_result.c - The results of calls, from their table. */
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

/* The code is an exit of the steps that dial; the list hears the cause of the same name. After a timeout the switch may
 * have dialled. */
struct call_result call_result_of_code(unsigned code)
{
    static const struct call_result results[] = {
#define CALL_REFUSED(code, exit, told, subject) [code_##code] = {code_##exit, cause_##told, DIAL_OF_##subject},
#include "runtime/core/links/call_results.def"
    };
    static const struct call_result refused = {code_no_circuit, cause_dial_error, DIAL_OF_exchange};
    return code < sizeof results / sizeof *results && results[code].exit != code_other ? results[code] : refused;
}
