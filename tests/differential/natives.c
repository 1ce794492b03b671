/* tests/differential/natives.c - What random programs have in C. Results stay small where their arguments are. */
#include "tests/differential/natives.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_LONG = 1000 };

int64_t native_int(int64_t a, double b)
{
    return b < 0 ? a / 2 : a;
}

void native_str(struct gcx_native *result, const char *s, size_t s_length, int64_t n, const char *t, size_t t_length)
{
    char text[2 * TEXT_LONG + 32];
    if (s_length > TEXT_LONG || t_length > TEXT_LONG) return;
    int length = snprintf(text, sizeof text, "%.*s%d%.*s", (int)s_length, s, (int)(n & 7), (int)t_length, t);
    gcx_native_return(result, text, (size_t)length);
}

bool native_bool(bool b, int64_t d_us, int64_t p_millionths)
{
    return b != (d_us > p_millionths);
}

double native_float(double f, int64_t t_us, int64_t d_days)
{
    return t_us % 7 == 6 ? (double)NAN : f / 2 + (double)(d_days & 3);
}

static const int64_t first_day = -719162, last_day = 2932896, day_us = INT64_C(86400000000);

int64_t native_date(int64_t n)
{
    const int64_t days[] = {first_day, last_day, first_day - 1, last_day + 1, INT64_MAX, INT64_MIN};
    return (n & 31) < 6 ? days[n & 31] : 20000 + (n & 31);
}

int64_t native_time(int64_t n, int64_t d_us)
{
    const int64_t times[] = {
        first_day * day_us, (last_day + 1) * day_us - 1, first_day * day_us - 1, (last_day + 1) * day_us, INT64_MAX,
        INT64_MIN};
    return (n & 31) < 6 ? times[n & 31] : 20000 * day_us + d_us % day_us;
}

int64_t native_duration(int64_t a, int64_t p_millionths)
{
    return a % 7 == 6 ? INT64_MIN : p_millionths > 500000 ? a / 2 : a;
}

#define FUNCTION(f) ((void (*)(void))(f))
const struct world_native world_natives[WORLD_NATIVES] = {
    {"n_int", "(a: int, b: float): int", FUNCTION(native_int)},
    {"n_str", "(s: str, n: int, t: str): str", FUNCTION(native_str)},
    {"n_bool", "(b: bool, d: duration, p: percent): bool", FUNCTION(native_bool)},
    {"n_float", "(f: float, t: time, d: date): float", FUNCTION(native_float)},
    {"n_date", "(n: int): date", FUNCTION(native_date)},
    {"n_time", "(n: int, d: duration): time", FUNCTION(native_time)},
    {"n_duration", "(a: int, p: percent): duration", FUNCTION(native_duration)},
};
