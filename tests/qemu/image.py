# SPDX-License-Identifier: Apache-2.0
"""What the guest boots: Debian's kernel, and an initramfs made of files of this machine.

No image is downloaded and none is kept: programs are copied together with the libraries that ldd names, kernel modules
with the modules that they name themselves. The kernel comes from its Debian package, unpacked and never installed.
"""
import pathlib
import re
import shutil
import subprocess

KERNEL_PACKAGE = 'linux-image-cloud-amd64'
MODULES = ('virtio_pci', 'virtio_net', 'vfio', 'vfio_iommu_type1', 'vfio-pci', 'uio_pci_generic')


def missing():
    """Why no guest can be made here, or None."""
    for program, package in (('qemu-system-x86_64', 'qemu-system-x86'), ('cpio', 'cpio'),
                             ('busybox', 'busybox-static')):
        if shutil.which(program) is None:
            return f'{package} is not installed (scripts/deps test)'
    return None


def output(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


class Kernel:
    """Kernel(folder): .image and .modules, fetched into `folder` once."""

    def __init__(self, folder):
        self.root = folder / 'kernel'
        if not list(self.root.glob('boot/vmlinuz-*')):
            self.fetch(folder)
        self.image = max(self.root.glob('boot/vmlinuz-*'))
        self.files = {path.stem.replace('-', '_'): path for path in self.root.glob('lib/modules/*/kernel/**/*.ko')}

    def fetch(self, folder):
        """The package that the meta package depends on; a list of packages may be older than the mirror."""
        folder.mkdir(parents=True, exist_ok=True)
        for attempt in (1, 2):
            name = re.search(r'Depends: (linux-image-\S+)', output('apt-cache', 'depends', KERNEL_PACKAGE)).group(1)
            got = subprocess.run(['apt-get', 'download', name], cwd=folder, capture_output=True, text=True, check=False)
            if got.returncode == 0:
                break
            if attempt == 2:
                raise RuntimeError(f'apt-get download {name}: {got.stderr}')
            subprocess.run(['apt-get', 'update'], capture_output=True, check=False)
        package, = folder.glob(f'{name}_*.deb')
        output('dpkg-deb', '-x', str(package), str(self.root))
        package.unlink()

    def modules(self, names):
        """Their files, each after what it depends on."""
        ordered = []

        def visit(name):
            path = self.files.get(name.replace('-', '_'))
            if path is None or path in ordered:  # built in, or there already
                return
            depends = re.search(rb'\0depends=([^\0]*)', path.read_bytes())
            for other in filter(None, depends.group(1).decode().split(',')):
                visit(other)
            ordered.append(path)
            # What a module works with but does not link to; modprobe of a whole system loads it too.
            after = re.search(rb'\0softdep=post: ([^\0]*)', path.read_bytes())
            for other in after.group(1).decode().split() if after else ():
                visit(other)

        for name in names:
            visit(name)
        return ordered

    def put_modules(self, image, names):
        """Them and modules.dep where modprobe looks; what a module needs stands behind it, last first."""
        folder = f'lib/modules/{self.image.name.removeprefix("vmlinuz-")}'
        dependencies = ''
        for path in self.modules(names):
            image.copy(path, f'{folder}/{path.name}')
            needed = [other.name for other in reversed(self.modules([path.stem])) if other != path]
            dependencies += f'{path.name}: {" ".join(needed)}\n'
        image.put(f'{folder}/modules.dep', dependencies)


class Image:
    """Collects files in a folder that becomes the guest's root. Links stay links: a library that is loaded under two
    names must be one file."""

    def __init__(self, root):
        self.root = root
        for link in ('bin', 'sbin', 'lib', 'lib64'):
            (self.root / 'usr' / link).mkdir(parents=True, exist_ok=True)
            (self.root / link).symlink_to(f'usr/{link}')

    def put(self, path, text, mode=0o644):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def copy(self, source, target):
        (self.root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, self.root / target)

    def add(self, path):
        """One file of this machine at its own place, with every link on the way to it."""
        path = pathlib.Path(path)
        path = path.parent.resolve() / path.name
        target = self.root / path.relative_to('/')
        if target.is_symlink() or target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            target.symlink_to(path.readlink())
            self.add(path.parent / path.readlink())
        else:
            shutil.copy(path, target)

    def add_program(self, path):
        """A program or a plug-in, and the libraries it is linked with."""
        self.add(path)
        self.add_libraries(path)

    def add_libraries(self, path):
        for line in output('ldd', str(path)).splitlines():
            found = re.search(r'(/\S+) \(0x', line)
            if found:
                self.add(found.group(1))

    def pack(self, archive):
        names = ''.join(f'{path.relative_to(self.root)}\n' for path in sorted(self.root.rglob('*')))
        with archive.open('wb') as out:
            subprocess.run(['cpio', '--quiet', '-o', '-H', 'newc', '-R', '0:0'], cwd=self.root, input=names.encode(),
                           stdout=out, check=True)
