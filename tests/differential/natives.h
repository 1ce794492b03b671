/* tests/differential/natives.h - The natives of random programs: functions in C, called by libffi and by the evaluator
 * itself, so that what lies between is compared. */
#pragma once

#include "vm/gcx_native.h"

struct world_native {
    const char *name, *declared; /* declared: what follows the name in the program */
    void (*function)(void);
};
enum { WORLD_NATIVES = 7 };
extern const struct world_native world_natives[WORLD_NATIVES];

int64_t native_int(int64_t a, double b);
void native_str(struct gcx_native *result, const char *s, size_t s_length, int64_t n, const char *t, size_t t_length);
bool native_bool(bool b, int64_t d_us, int64_t p_millionths);
double native_float(double f, int64_t t_us, int64_t d_days); /* sometimes none */
int64_t native_date(int64_t n); /* this and the next one: sometimes of no year that there is */
int64_t native_time(int64_t n, int64_t d_us);
int64_t native_duration(int64_t a, int64_t p_millionths); /* sometimes none */
