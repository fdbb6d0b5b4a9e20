# A continuous-integration job: clone, environment, tests, artefact.
set -e
git config --global user.email ci@example.org; git config --global user.name ci
rm -rf /srv/git /home/user/ci && mkdir -p /srv/git /home/user/ci
git init -q --bare /srv/git/app.git
cd /home/user/ci && git clone -q /srv/git/app.git 2>/dev/null && cd app
mkdir -p app tests
printf 'def double(x):\n    return 2 * x\n' > app/__init__.py
printf 'import unittest, app\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(app.double(2), 4)\n' > tests/test_app.py
touch tests/__init__.py
git add . && git commit -qm "first" && git push -q origin HEAD
python3 -m venv /home/user/ci/env
. /home/user/ci/env/bin/activate
python -m unittest -q 2>/dev/null
python -m pip list >/dev/null 2>&1
python -m compileall -q app
deactivate
printf '{"name":"x","version":"1.0.0","scripts":{"test":"node -e 1"}}' > package.json
npm test --silent >/dev/null 2>&1 || true
tar -czf /home/user/ci/app.tgz app && sha256sum /home/user/ci/app.tgz > /home/user/ci/app.tgz.sha256
git tag v1 && git gc -q && git archive --format=tar HEAD | tar -t >/dev/null
printf '#!/bin/sh\nexit 0\n' > run-tests.sh && chmod +x run-tests.sh && ./run-tests.sh
timeout 10 sh -c 'echo ok' >/dev/null
