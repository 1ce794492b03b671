/* tests/differential/evaluate_native.c - Natives, called as C calls them. */
#include <math.h>
#include <string.h>

#include "tests/differential/evaluate.h"
#include "tests/differential/natives.h"
#include "base/written.h"

static const struct value *counted(struct evaluator *e, int64_t number)
{
    if (number == INT64_MIN) evaluate_fault(e, FAULTS_OVERFLOW);
    return value_number(e, number);
}

static const struct value *dated(struct evaluator *e, int64_t number, int64_t of_a_day)
{
    if (number == INT64_MIN) evaluate_fault(e, FAULTS_OVERFLOW);
    if (number < written_days(1, 1, 1) * of_a_day || number >= written_days(10000, 1, 1) * of_a_day)
        evaluate_fault(e, FAULTS_NATIVE_DATE);
    return value_number(e, number);
}

const struct value *evaluate_native(struct evaluator *e, const char *name, const struct value *const *a)
{
    if (!strcmp(name, "n_int")) return counted(e, native_int(a[0]->number, a[1]->real));
    if (!strcmp(name, "n_bool")) return counted(e, native_bool(a[0]->number != 0, a[1]->number, a[2]->number));
    if (!strcmp(name, "n_date")) return dated(e, native_date(a[0]->number), 1);
    if (!strcmp(name, "n_time")) return dated(e, native_time(a[0]->number, a[1]->number), INT64_C(86400000000));
    if (!strcmp(name, "n_duration")) return counted(e, native_duration(a[0]->number, a[1]->number));
    if (!strcmp(name, "n_float")) {
        double real = native_float(a[0]->real, a[1]->number, a[2]->number);
        if (!isfinite(real)) evaluate_fault(e, FAULTS_NAN);
        return value_real(e, real);
    }
    char text[4096] = "";
    struct gcx_native result = {.text = text, .size = sizeof text};
    native_str(&result, a[0]->bytes, a[0]->length, a[1]->number, a[2]->bytes, a[2]->length);
    return value_bytes(e, text, result.length);
}
