FROM scratch
ADD file /
