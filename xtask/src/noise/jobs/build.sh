# Configures and builds C, as every package does.
set -e
rm -rf /home/user/project && mkdir -p /home/user/project && cd /home/user/project
for n in $(seq 1 25); do
    printf '#include <stdio.h>\nint f%s(int x) { return x * %s; }\n' "$n" "$n" > "f$n.c"
done
printf 'int f1(int); int main(void) { return f1(0); }\n' > main.c
cat > configure <<'X'
#!/bin/sh
uname -m >/dev/null; uname -s >/dev/null; hostname >/dev/null; id -u >/dev/null; date >/dev/null
for header in stdio.h stdlib.h unistd.h sys/types.h; do
    printf '#include <%s>\nint main(void){return 0;}\n' "$header" > conftest.c
    gcc -o conftest conftest.c && ./conftest
done
rm -f conftest conftest.c
X
chmod +x configure
./configure
printf 'OBJ=$(patsubst %%.c,%%.o,$(wildcard *.c))\nprogram: $(OBJ)\n\tgcc -o $@ $^\n%%.o: %%.c\n\tgcc -O1 -c $<\ninstall: program\n\tinstall -m 755 program /usr/local/bin/program\nclean:\n\trm -f *.o program\n' > Makefile
make -j2 >/dev/null
./program
make install >/dev/null
program
make clean >/dev/null
strings /usr/local/bin/program | head -3 >/dev/null
g++ -x c++ -o hello - <<'X'
#include <iostream>
int main() { std::cout << "hello\n"; }
X
./hello >/dev/null
tmp=$(mktemp -d) && gcc -shared -fPIC -o "$tmp/f.so" f1.c && rm -rf "$tmp"
