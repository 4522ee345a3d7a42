# Targets for clusters; included by the Makefile.
PROFILES_HOME ?= $(or $(XDG_CONFIG_HOME),$(HOME)/.config)/snakemake
SLURM_PACKAGES := slurmctld slurmd slurm-client munge rsync

.PHONY: profiles test-slurm test-slurm-quick slurm

# `snakemake --profile slurm` then works from any folder; a profile of the same name that is not a link is left alone
profiles:  ## let snakemake --profile slurm work from any folder
	@mkdir -p "$(PROFILES_HOME)"
	@for profile in slurm slurm-staged cluster-generic; do \
	    link="$(PROFILES_HOME)/$$profile"; \
	    if [ -e "$$link" ] && [ ! -L "$$link" ]; then echo "$$link is not a link: left as it is" >&2; continue; fi; \
	    ln -sfn "$(CURDIR)/profiles/$$profile" "$$link" && echo "$$link -> profiles/$$profile"; \
	done

slurm:  ## install Slurm for the tests
	@PATH="$$PATH:/usr/sbin:/sbin"; for program in slurmctld slurmd sbatch squeue munged rsync; do \
	    command -v $$program >/dev/null || missing=1; done; [ -z "$$missing" ] || $(call apt-install,$(SLURM_PACKAGES))

# starts a throw-away cluster on this host, proves the profiles and every fault on it, and stops it
test-slurm: $(READY) slurm  ## test the cluster profiles and every fault on a throw-away Slurm
	COLOSSEUM_TEST_SLURM=1 $(BIN)/python -m pytest -n 0 -v tests/slurm

# what every change must pass
test-slurm-quick: $(READY) slurm  ## the part of it that every change must pass
	COLOSSEUM_TEST_SLURM=1 $(BIN)/python -m pytest -n 0 -v -m quick tests/slurm
