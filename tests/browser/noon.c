/* Loaded before a program, it sets the wall clock that this program reads off by WALL_CLOCK_LATER_S seconds; every other clock
   goes on as it is. For what the house does by day alone, tried at any hour. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    static long later;
    if (real == NULL) {
        const char *said = getenv("WALL_CLOCK_LATER_S");
        later = said == NULL ? 0 : atol(said);
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    }
    int failed = real(clock, now);
    if (failed == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += later;
    return failed;
}
