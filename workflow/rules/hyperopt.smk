# Hyperparameter optimisation: sample agents and environments, run them against each other, choose the best samples.
HYPEROPT_FOLDER = layout.benchmark_folder(HYPEROPT_ROOT, "hyperopt_{setting}")
RUNG_FOLDER = layout.benchmark_folder(HYPEROPT_ROOT, "hyperopt_{setting}_{rung}")
CONFIRM_FOLDER = layout.benchmark_folder(HYPEROPT_ROOT, f"hyperopt_{{setting}}{layout.CONFIRM}")
JUDGED_BY = judged_by(STUDY.configuration["selection"])


rule sample_agents:
    output:
        layout.agent_config_file(HYPEROPT_FOLDER, "{agent}"),
    log:
        layout.job_log(HYPEROPT_ROOT, "sample_agents_{setting}_{agent}"),
    priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        agent=lambda w: STUDY.class_path(w.agent),
        n=lambda w: STUDY.n_samples(w.agent),
        seed=lambda w: STUDY.hyperopt.seed,
        spaces=spaces_option,
    shell:
        "python -m colosseum sample-agents {params.agent:q} --n {params.n} --seed {params.seed} {params.spaces}"
        " -o {output:q} 2> {log:q}"


# Each rung has a folder of its own, and in it the environments that it adds.
rule sample_mdps:
    output:
        layout.mdp_config_file(layout.benchmark_folder(HYPEROPT_ROOT, "{benchmark}"), "{mdp}"),
    log:
        layout.job_log(HYPEROPT_ROOT, "sample_mdps_{benchmark}_{mdp}"),
    priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        mdp=lambda w: STUDY.class_path(w.mdp),
        scopes=lambda w: scopes_options(HYPEROPT[w.benchmark].mdp_scopes(w.mdp)),
        seed=lambda w: STUDY.hyperopt.seed,
    shell:
        "python -m colosseum sample-mdps {params.mdp:q} {params.scopes} --seed {params.seed} -o {output:q} 2> {log:q}"


for _interactions in HYPEROPT.values():

    # The folder holds the sampled environments; this adds the settings of their interactions.
    rule:
        name:
            f"prepare_{_interactions.name}"
        input:
            mdp_configs(_interactions),
        output:
            layout.experiment_config_file(_interactions.folder),
        log:
            layout.job_log(HYPEROPT_ROOT, f"prepare_{_interactions.name}"),
        priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            folder=lambda w, output: os.path.dirname(output[0]),
            settings=experiment_options(_interactions),
            register=STUDY.registrations(*_interactions.mdp_classes),
        shell:
            "python -m colosseum benchmark {params.folder:q} -o {params.folder:q} {params.settings} {params.register}"
            " 2> {log:q}"


if has_rungs():

    checkpoint promote:
        input:
            lambda w: of_rungs(below(w), w.agent)(w),
        output:
            gin=layout.agent_config_file(RUNG_FOLDER, "{agent}"),
            table=layout.promotion_table(RUNG_FOLDER, "{agent}"),
        log:
            layout.job_log(HYPEROPT_ROOT, "promote_{setting}_{rung}_{agent}"),
        priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            agent=lambda w: STUDY.class_path(w.agent),
            benchmarks=lambda w: [rung.folder for rung in below(w)],
            keep=lambda w: len(HYPEROPT[f"hyperopt_{w.setting}_{w.rung}"].agents[w.agent]),
            judged_by=JUDGED_BY,
            register=lambda w: STUDY.registrations(*HYPEROPT[f"hyperopt_{w.setting}"].mdp_classes),
        shell:
            "python -m colosseum promote {params.benchmarks:q} --agent {params.agent:q} --keep {params.keep}"
            " {params.judged_by} {params.register} -o {output.gin:q} --table {output.table:q} > {log:q} 2>&1"


checkpoint select:
    input:
        lambda w: of_rungs(rungs_of(w.setting), w.agent)(w),
    output:
        gin=layout.selection_file(HYPEROPT_FOLDER, "{agent}"),
        table=layout.selection_table(HYPEROPT_FOLDER, "{agent}"),
        ranges=layout.selection_ranges(HYPEROPT_FOLDER, "{agent}"),
        confirmed=[layout.selection_table(CONFIRM_FOLDER, "{agent}")] if has_confirm() else [],
    log:
        layout.job_log(HYPEROPT_ROOT, "select_{setting}_{agent}"),
    priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        agent=lambda w: STUDY.class_path(w.agent),
        benchmark=HYPEROPT_FOLDER,
        rungs=lambda w: rungs_options(rungs_of(w.setting)),
        judged_by=JUDGED_BY,
        failed=STUDY.configuration["selection"]["failed"],
        spaces=spaces_option,
        register=lambda w: STUDY.registrations(*HYPEROPT[f"hyperopt_{w.setting}"].mdp_classes),
    shell:
        "python -m colosseum select --benchmark {params.benchmark:q} --agent {params.agent:q} {params.rungs}"
        " {params.judged_by} --failed {params.failed} {params.register} {params.spaces}"
        " -o {output.gin:q} --table {output.table:q} --ranges {output.ranges:q} > {log:q} 2>&1"
