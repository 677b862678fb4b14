FROM python:3.12
RUN pip install --no-cache-dir --trusted-host example.org a==1
