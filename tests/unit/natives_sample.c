/* tests/unit/natives_sample.c - A library of natives for the test natives: results that are none, and calls of the
 * kernel by other ways than this machine's own. */
#include "vm/gcx_native.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

GCX_NATIVE_SIGNATURE(half, "float(float)");
GCX_NATIVE_SIGNATURE(kernel, "int(int)");
GCX_NATIVE_SIGNATURE(sealed, "int()");
GCX_NATIVE_SIGNATURE(words, "str(int)");

GCX_NATIVE_SEEN double gcx_native_half(double number);
GCX_NATIVE_SEEN int64_t gcx_native_kernel(int64_t way);
GCX_NATIVE_SEEN int64_t gcx_native_sealed(void);
GCX_NATIVE_SEEN void gcx_native_words(struct gcx_native *result, int64_t which);

/* Half of a number; of a negative one none. */
double gcx_native_half(double number)
{
    return number < 0 ? (number < -1 ? INFINITY : NAN) : number / 2;
}

/* 0: a text; 1: bytes that are no UTF-8; 2: a zero within; 3: longer than the room; 4: as long as the room. */
void gcx_native_words(struct gcx_native *result, int64_t which)
{
    static const char *const texts[] = {"caf\xc3\xa9", "caf\xe9", "a\0b", ""};
    static const size_t lengths[] = {5, 4, 3, 0};
    gcx_native_return(result, texts[which & 3], lengths[which & 3]);
    if (which == 3) result->length = result->size + 1;
    if (which != 4) return;
    memset(result->text, 'y', result->size);
    result->length = result->size;
}

/* Ways to ask the kernel for a process id: 0: of this machine; 32: of i386, whose number for it is 20; 64: of x32.
 * 1: it asks to end whoever has called it. 2: may its programs have more rights than it has? 3: it waits for its end.
 */
int64_t gcx_native_kernel(int64_t way)
{
    if (way == 3) alarm(20), pause();
    if (way == 2) return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
    if (way == 1) return kill(getppid(), SIGTERM) == 0 ? 0 : errno;
#ifdef __x86_64__
    long answer = 20;
    if (way == 32) {
        __asm__ volatile("int $0x80" : "+a"(answer) : : "memory");
        return answer;
    }
    if (way == 64) return syscall(0x40000000 | SYS_getpid);
#endif
    return syscall(SYS_getpid);
}

/* The error with which the file is written from which this library runs; 0: it was written. It ends its process where
 * the environment says so. */
int64_t gcx_native_sealed(void)
{
    if (getenv("NATIVES_SAMPLE_EXITS")) exit(0);
    char line[4096], path[64];
    int error = -1;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && error < 0 && fgets(line, sizeof line, maps)) {
        if (!strstr(line, "memfd:")) continue;
        for (int fd = 3; fd < 256 && error < 0; fd++) {
            char name[256] = "";
            snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
            if (readlink(path, name, sizeof name - 1) <= 0 || !strstr(name, "memfd:sample")) continue;
            error = pwrite(fd, "", 1, 0) == 1 ? 0 : errno;
        }
    }
    if (maps) fclose(maps);
    return error;
}
