/* A stand-in for a test's source: it greets. */
#include <stdio.h>

int main(void)
{
	puts("hello");
	return 0;
}
