FROM opensuse/leap:15
RUN zypper install -y curl=8.0 && zypper clean
